// Runs the module that is named, and prints what its default function gives, on a line that can be found.
const { default: run } = await import(process.argv[2] ?? "");
console.log(`result of the module: ${JSON.stringify(await run())}`);
