# Prints what iCal::Parser reads in a calendar. It sorts events into years, months and days.
use strict;
use warnings;

use iCal::Parser;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;
my $parser = iCal::Parser->new(start => '20100101', end => '20600101');
open my $file, '<:encoding(UTF-8)', $ARGV[0] or die $!;
my $text = do { local $/; <$file> };
my $events = $parser->parse_strings($text)->{events};
for my $days (map { values %$_ } values %$events) {
    for my $event (map { values %$_ } values %$days) {
        print $json->encode({
            uid => $event->{UID},
            start => $event->{DTSTART}->ymd,
            end => $event->{DTEND}->ymd,
            summary => $event->{SUMMARY},
            description => $event->{DESCRIPTION},
            status => $event->{STATUS},
        }), "\n";
    }
}
