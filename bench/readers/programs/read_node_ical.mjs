// Prints what node-ical reads in a calendar. Its days are midnights of the machine's own zone.
import { readFileSync } from "node:fs";
import ical from "node-ical";

const day = (moment) => moment.toLocaleDateString("sv-SE");
const text = (value) => (typeof value === "object" ? value.val : value);

for (const event of Object.values(ical.sync.parseICS(readFileSync(process.argv[2], "utf8")))) {
  if (event.type !== "VEVENT") continue;
  if (event.datetype !== "date") {
    console.log(JSON.stringify({ objection: `${event.uid} has a time` }));
  }
  console.log(JSON.stringify({
    uid: event.uid,
    start: day(event.start),
    end: day(event.end),
    summary: text(event.summary),
    description: text(event.description),
    status: event.status,
    sequence: Number(event.sequence),
  }));
}
