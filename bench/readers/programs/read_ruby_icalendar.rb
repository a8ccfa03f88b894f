# Prints what Ruby's icalendar reads in a calendar.
require "icalendar"
require "json"

File.open(ARGV[0], "r:UTF-8") do |file|
  Icalendar::Calendar.parse(file).flat_map(&:events).each do |event|
    puts JSON.generate(
      uid: event.uid.to_s,
      start: event.dtstart.strftime("%Y-%m-%d"),
      end: event.dtend.strftime("%Y-%m-%d"),
      summary: event.summary.to_s,
      description: event.description.to_s,
      status: event.status.to_s,
      sequence: event.sequence.to_i,
    )
  end
end
