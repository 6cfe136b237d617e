// Packages of the recipes pool.js and queue.js, which a clone doesn't install. They are read without types.
declare module "bullmq";
declare module "piscina";
