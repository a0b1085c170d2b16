/* noxd: flags, then daemon.c. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/noxd/config.h"
#include "cmd/noxd/daemon.h"

static const char *getenv_of(const char *name)
{
    return getenv(name);
}

int main(int argc, char **argv)
{
    struct config config;
    char text[400];
    if (!config_parse(argc, argv, getenv_of, &config, text, sizeof(text))) {
        fprintf(stderr, "noxd: %s\n", text);
        return 2;
    }
    if (config.help)
        config_print_help(stdout);
    else if (config.man)
        config_print_man(stdout, NOX_VERSION);
    else if (config.version)
        printf("noxd %s\n", NOX_VERSION);
    else if (config.check)
        return daemon_check(&config);
    else
        return daemon_run(&config);
    return 0;
}
