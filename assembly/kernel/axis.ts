// The taps that lie inside, along one axis of a window.
//
// A conv wants, for each target position, the taps that have a source. Its transpose wants the same from the other end. The
// gradient of the weights wants, for each tap, the positions that have a source. In all of them, these three obey
//
//     source · period = position · along + partner · across + shift,     0 ≤ source < sources
//
// Positions with the same partners form a run. Most are one run in the interior; borders have short runs.

/** Positions `period` apart that have the same partners. */
@unmanaged @final
export class Run {
  at: i32;
  count: i32;
  /** The first partner and the number of partners, `step` apart. */
  first: i32;
  partners: i32;
  /** The source of the first position and the first partner. */
  source: i32;
}

/** An axis and its runs. */
@unmanaged @final
export class Axis {
  period: i32;
  step: i32;
  /** Distances of the sources of neighbouring positions of a run, and of neighbouring partners. */
  sourceAlong: i32;
  sourceAcross: i32;
  runs: usize;
  count: i32;

  /** Returns a run. */
  @inline run(index: i32): Run {
    return changetype<Run>(this.runs + <usize>index * offsetof<Run>());
  }

  /** Writes the runs to `runs`, at most 2 · (number of taps) + stride, nor more than positions. Returns their end. */
  set(positions: i32, partners: i32, sources: i32, along: i32, across: i32, shift: i32, period: i32, runs: usize): usize {
    let common = period;
    for (let rest = abs(across); rest; ) {
      const left = common % rest;
      common = rest;
      rest = left;
    }
    const step = period / common, apart = across / common, far = abs(apart);
    this.period = period;
    this.step = step;
    this.sourceAlong = along;
    this.sourceAcross = apart;
    this.runs = runs;
    let run = changetype<Run>(runs - offsetof<Run>());
    for (let phase = 0; phase < min(period, positions); phase++) {
      // All positions of a phase have partners from the same one on.
      const bound = min(step, partners);
      let begin = 0;
      while (begin < bound && (phase * along + begin * across + shift) % period) begin++;
      if (begin == bound) continue;
      const most = (partners - begin + step - 1) / step;
      let isOpen = false;
      for (let at = phase; at < positions; at += period) {
        const source = (at * along + begin * across + shift) / period;
        // Sources before this one, counted from the end at which the first partner's lies.
        const before = apart < 0 ? sources - 1 - source : source;
        const low = max(0, (far - 1 - before) / far), high = min(most, (sources - before + far - 1) / far);
        const first = begin + low * step, inside = high - low;
        if (isOpen && run.first == first && run.partners == inside) run.count++;
        else {
          isOpen = inside > 0;
          if (!isOpen) continue;
          run = changetype<Run>(changetype<usize>(run) + offsetof<Run>());
          run.at = at;
          run.count = 1;
          run.first = first;
          run.partners = inside;
          run.source = source + low * apart;
        }
      }
    }
    const end = changetype<usize>(run) + offsetof<Run>();
    this.count = <i32>((end - runs) / offsetof<Run>());
    return end;
  }
}
