/* Prints what libical reads in a calendar, and every objection of its own check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libical/ical.h>

static void print_text(const char *name, const char *text)
{
    printf(", \"%s\": \"", name);
    for (const unsigned char *at = (const unsigned char *)(text ? text : ""); *at; at++) {
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < 0x20)
            printf("\\u%04x", *at);
        else
            putchar(*at);
    }
    putchar('"');
}

static void print_day(const char *name, struct icaltimetype day)
{
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02d%s", day.year, day.month, day.day,
             icaltime_is_date(day) ? "" : " and a time");
    print_text(name, text);
}

static void print_objection(const char *what, const char *why)
{
    printf("{\"of\": \"libical\"");
    print_text("objection", why);
    print_text("about", what);
    printf("}\n");
}

static void print_objections(icalcomponent *component)
{
    /* Asked now: to look for it moves the place that the loop below has come to. */
    int is_event = icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT;
    const char *what = is_event ? icalcomponent_get_uid(component) : "the calendar";
    icalproperty *property;
    icalcomponent *inner;

    for (property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); property;
         property = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY))
        print_objection(what, icalproperty_get_xlicerror(property));
    for (inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); inner;
         inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT))
        print_objections(inner);
}

static void print_event(icalcomponent *event)
{
    printf("{\"sequence\": %d", icalcomponent_get_sequence(event));
    print_text("uid", icalcomponent_get_uid(event));
    print_day("start", icalcomponent_get_dtstart(event));
    print_day("end", icalcomponent_get_dtend(event));
    print_text("summary", icalcomponent_get_summary(event));
    print_text("description", icalcomponent_get_description(event));
    print_text("status", icalproperty_status_to_string(icalcomponent_get_status(event)));
    printf("}\n");
}

static char *read_line(char *line, size_t size, void *file)
{
    return fgets(line, (int)size, file);
}

int main(int count, char **words)
{
    FILE *file = count == 2 ? fopen(words[1], "rb") : NULL;
    icalparser *parser = icalparser_new();
    icalcomponent *calendar, *event;

    if (!file)
        return EXIT_FAILURE;
    icalparser_set_gen_data(parser, file);
    calendar = icalparser_parse(parser, read_line);
    if (!calendar) {
        print_objection("the file", "is no calendar");
        return EXIT_SUCCESS;
    }
    print_objections(calendar);
    /* Parsing cleans up after itself; the check marks what it finds in the same way. */
    if (!icalrestriction_check(calendar)) {
        print_objection("the calendar", "breaks a restriction of RFC 5546");
        print_objections(calendar);
    }
    for (event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        print_event(event);
    icalcomponent_free(calendar);
    icalparser_free(parser);
    fclose(file);
    return EXIT_SUCCESS;
}
