// A table to begin with, until a file of one's own is dropped.

/** Rows of a café: ices sold by weekday and weather. */
const HEADER = "day,temperature,rain,ices,busy";
const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Returns the text of a CSV file. */
export function exampleText(): string {
  const rows: string[] = [];
  for (let day = 0; day < 168; day++) {
    const temperature = 14 + ((day * 37) % 17) + ((day * 11) % 5) / 5;
    const rain = (day * 29) % 7 < 2 ? "yes" : "no";
    const isWeekend = day % 7 > 4;
    const ices = Math.round(
      (temperature - 12) * (rain === "yes" ? 2 : 6) * (isWeekend ? 2 : 1) + ((day * 13) % 9),
    );
    rows.push([days[day % 7], temperature.toFixed(1), rain, ices, ices > 80 ? "yes" : "no"].join(","));
  }
  return [HEADER, ...rows].join("\n");
}
