// Has V8 write its counts at the end of a test file, since test runners end their processes at once.

import { takeCoverage } from "node:v8";
import { afterAll } from "vitest";

afterAll(() => takeCoverage());
