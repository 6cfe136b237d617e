// Has V8 write its counts at the end of a test file: test runners end their processes without a word.

import { takeCoverage } from "node:v8";
import { afterAll } from "vitest";

afterAll(() => takeCoverage());
