// Prints what ts-ics reads in a calendar. Its days are midnights in UTC.
import { readFileSync } from "node:fs";
import { convertIcsCalendar } from "ts-ics";

const day = (moment) => moment.date.toISOString().slice(0, 10);

for (const event of convertIcsCalendar(undefined, readFileSync(process.argv[2], "utf8")).events) {
  if (event.start.type !== "DATE" || event.end.type !== "DATE") {
    console.log(JSON.stringify({ objection: `${event.uid} has a time` }));
  }
  console.log(JSON.stringify({
    uid: event.uid,
    start: day(event.start),
    end: day(event.end),
    summary: event.summary,
    description: event.description,
    status: event.status,
    sequence: event.sequence,
  }));
}
