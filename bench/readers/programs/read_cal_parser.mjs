// Prints what cal-parser reads in a calendar. Its days are midnights of the machine's own zone.
import { readFileSync } from "node:fs";
import parser from "cal-parser";

const day = (property) => property.value.toLocaleDateString("sv-SE");

for (const event of parser.parseString(readFileSync(process.argv[2], "utf8")).events) {
  console.log(JSON.stringify({
    uid: event.uid.value,
    start: day(event.dtstart),
    end: day(event.dtend),
    summary: event.summary.value,
    description: event.description.value,
    status: event.status.value,
    sequence: Number(event.sequence.value),
  }));
}
