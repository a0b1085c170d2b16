/*
 * What all commands of noxctl share: exit codes, the row of a command, and the parsed call.
 *
 * A command is one const row (name, arguments, flags, summary, examples, function) in the table of
 * its group's file; parser, help, manual page and completions are made from the rows.
 */
#ifndef CMD_NOXCTL_CTL_H
#define CMD_NOXCTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The contract of DESIGN section 6; scripts rely on the numbers. */
enum ctl_exit {
    CTL_OK = 0,        /* done, also an empty list */
    CTL_FAILED = 1,    /* failed otherwise */
    CTL_USAGE = 2,     /* wrong words, or confirmation missing */
    CTL_NOT_FOUND = 3, /* no such thing */
    CTL_DENIED = 4,    /* not allowed */
    CTL_CONFLICT = 5,  /* conflict or precondition */
    CTL_PARTIAL = 6,   /* some targets of many failed */
    CTL_OFFLINE = 7,   /* station offline */
    CTL_REFUSED = 8,   /* the station said no */
    CTL_TIMED_OUT = 9,
    CTL_UNREACHABLE = 10, /* noxd does not answer */
};

enum ctl_output { CTL_TABLE, CTL_JSON, CTL_CSV };

/* A flag: --name, or --name VALUE when `value` names what stands there. */
struct ctl_flag {
    const char *name;  /* without dashes */
    const char *value; /* "A", "NODE"; NULL = switch */
    char letter;       /* short form, 0 = none */
    const char *help;  /* one line */
};

struct ctl;

enum {
    CTL_TARGETS = 1 << 0, /* the first argument is one or more stations, or --all and the like */
    CTL_CHANGES = 1 << 1, /* many targets by --all, --grid or --district need --yes */
    CTL_CONFIRM = 1 << 2, /* always needs --yes */
    CTL_HIDDEN = 1 << 3,  /* not in help */
};

struct ctl_command {
    const char *name;    /* "station config get" */
    const char *args;    /* "STATION... KEY [VALUE]"; "" for none */
    unsigned traits;     /* CTL_TARGETS, ... */
    const char *summary; /* one line, no full stop */
    const struct ctl_flag *flags;
    size_t n_flags;
    const char *examples; /* lines of what comes after "noxctl ", NULL for none */
    const char *more;     /* a paragraph for the manual, NULL for none */
    enum ctl_exit (*run)(struct ctl *ctl);
};

enum { CTL_FLAGS_MAX = 32 };

/* One call of noxctl, parsed.  Strings point into argv. */
struct ctl {
    const struct ctl_command *command;
    const char **arg; /* arguments of the command, without its name; owned */
    size_t n_args;
    struct {
        const char *name, *value;
    } flag[CTL_FLAGS_MAX];
    size_t n_flags;
    enum ctl_output output;
    const char *data;   /* --data or the default directory */
    const char *server; /* --server, NULL = socket in `data` */
    int64_t timeout_ms; /* of one request to noxd */
    const char *why;    /* --why, NULL = not said */
    bool color, terminal;
    size_t columns; /* width of the terminal, 0 = without limit */
};

/** @return value of a flag, "" for a switch that is set, NULL if it is not given */
const char *ctl_flag(const struct ctl *ctl, const char *name);

/** Whole number of a flag.  Complains and returns false if it is none within [min, max]. */
bool ctl_flag_int(const struct ctl *ctl, const char *name, int64_t min, int64_t max,
                  int64_t standard, int64_t *ret_value);

/** Read a whole number. @return false if the text is none */
bool ctl_parse_int(const char *text, int64_t *ret_value);

/** Read a non-negative number with at most one decimal, in tenths. */
bool ctl_parse_tenths(const char *text, int64_t *ret_tenths);

/** Tell people on stderr: "noxctl: ...".  @return code, so that callers can return it */
enum ctl_exit ctl_fail(enum ctl_exit code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A remark for people on stderr; nothing when the output is for programs. */
void ctl_note(const struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Print one JSON document on stdout (pretty on a terminal, compact in a pipe). */
enum ctl_exit ctl_print_json(const struct ctl *ctl, const json_t *json);

/** Read a whole file, "-" is standard input; at most 64 MB. @return NULL after a complaint; free()
 */
char *ctl_read_file(const char *path, size_t *ret_len);

#endif
