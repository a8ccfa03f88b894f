<?php
// Prints what Horde's library reads in a calendar.

spl_autoload_register(function ($name) {
    $file = stream_resolve_include_path(str_replace(['_', '\\'], '/', $name) . '.php');
    if ($file !== false) {
        require_once $file;
    }
});

$calendar = new Horde_Icalendar();
if (!$calendar->parsevCalendar(file_get_contents($argv[1]))) {
    echo json_encode(['objection' => 'it is no calendar']), "\n";
}

function day(array $day)
{
    return sprintf('%04d-%02d-%02d', $day['year'], $day['month'], $day['mday']);
}

foreach ($calendar->getComponents() as $event) {
    echo json_encode([
        'uid' => $event->getAttribute('UID'),
        'start' => day($event->getAttribute('DTSTART')),
        'end' => day($event->getAttribute('DTEND')),
        'summary' => $event->getAttribute('SUMMARY'),
        'description' => $event->getAttribute('DESCRIPTION'),
        'status' => $event->getAttribute('STATUS'),
        'sequence' => (int) $event->getAttribute('SEQUENCE'),
    ], JSON_THROW_ON_ERROR), "\n";
}
