// The module of a worker whose team makes every step, with delays at random.

import "./delays.js";
import "../../../dist/thread.js";
