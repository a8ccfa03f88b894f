// Prints what ical.js, Thunderbird's library, reads in a calendar.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const component of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(component, { strictExceptions: true });
  if (!event.startDate.isDate || !event.endDate.isDate) {
    console.log(JSON.stringify({ objection: `${event.uid} has a time` }));
  }
  console.log(JSON.stringify({
    uid: event.uid,
    start: event.startDate.toString(),
    end: event.endDate.toString(),
    summary: event.summary,
    description: event.description,
    status: component.getFirstPropertyValue("status"),
    sequence: event.sequence,
  }));
}
