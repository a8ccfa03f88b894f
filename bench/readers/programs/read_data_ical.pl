# Prints what Data::ICal reads in a calendar.
use strict;
use warnings;

use Data::ICal;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;
open my $file, '<:encoding(UTF-8)', $ARGV[0] or die $!;
my $calendar = Data::ICal->new(data => do { local $/; <$file> });
die $calendar->error_message unless $calendar;
for my $event (@{ $calendar->entries }) {
    my $value = sub { $event->property($_[0])->[0]->decoded_value };
    my $day = sub { join '-', $value->($_[0]) =~ /^(\d{4})(\d\d)(\d\d)$/ };
    print $json->encode({
        uid => $value->('uid'),
        start => $day->('dtstart'),
        end => $day->('dtend'),
        summary => $value->('summary'),
        description => $value->('description'),
        status => $value->('status'),
        sequence => 0 + $value->('sequence'),
    }), "\n";
}
