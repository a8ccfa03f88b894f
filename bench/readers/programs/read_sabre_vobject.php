<?php
// Prints what sabre/vobject reads in a calendar, and every objection of its validator.
// In release 2, which Debian has, the validator looks at each property and has no rules for
// the whole; libical has those.

require 'Sabre/VObject/includes.php';

set_error_handler(function ($level, $message, $file, $line) {
    throw new ErrorException($message, 0, $level, $file, $line);
}, E_ALL & ~E_DEPRECATED);

function show(array $told)
{
    $flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR;
    echo json_encode($told, $flags), "\n";
}

$calendar = Sabre\VObject\Reader::read(file_get_contents($argv[1]));
foreach ($calendar->validate() as $objection) {
    show(['objection' => $objection['message']]);
}
foreach ($calendar->select('VEVENT') as $event) {
    foreach ($event->validate() as $objection) {
        show(['objection' => $event->UID . ': ' . $objection['message']]);
    }
    show([
        'uid' => (string) $event->UID,
        'start' => $event->DTSTART->getDateTime()->format('Y-m-d'),
        'end' => $event->DTEND->getDateTime()->format('Y-m-d'),
        'summary' => (string) $event->SUMMARY,
        'description' => (string) $event->DESCRIPTION,
        'status' => (string) $event->STATUS,
        'sequence' => (int) (string) $event->SEQUENCE,
    ]);
}
