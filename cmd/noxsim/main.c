/* noxsim: simulated OCPP charge points. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxsim/generate.h"
#include "cmd/noxsim/options.h"
#include "cmd/noxsim/street.h"

enum { EXIT_WRONG_USAGE = 2, USUAL_STATIONS = 24 };

static int generate(const struct options *o)
{
    struct generate_options g = { .month = o->month,
                                  .stations =
                                      o->stations > 0 ? (size_t)o->stations : USUAL_STATIONS,
                                  .sessions = (size_t)o->sessions,
                                  .seed = (uint64_t)o->seed };
    char text[200];
    size_t n;
    if (!generate_csv(&g, stdout, &n, text, sizeof(text)) || fflush(stdout) != 0) {
        fprintf(stderr, "noxsim: %s\n", ferror(stdout) ? "stdout cannot be written" : text);
        return 1;
    }
    fprintf(stderr, "noxsim: %zu sessions at %zu stations in %s\n", n, g.stations, g.month);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    char text[200];
    switch (options_parse(argc, argv, &options, text, sizeof(text))) {
    case OPTIONS_HELP:
        return 0;
    case OPTIONS_WRONG:
        fprintf(stderr, "noxsim: %s\n", text);
        return EXIT_WRONG_USAGE;
    case OPTIONS_OK:
        break;
    }
    return options.command == COMMAND_GENERATE ? generate(&options) : street_run(&options);
}
