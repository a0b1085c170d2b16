/*
 * One station by hand: commands from standard input, frames on standard output (noxsim station).
 *
 * A command per line; they wait until the central system has answered the first BootNotification.
 * The end of the input ends the program, after what is under way.
 */
#ifndef CMD_NOXSIM_CONSOLE_H
#define CMD_NOXSIM_CONSOLE_H

#include <stdbool.h>

#include "cmd/noxsim/env.h"
#include "cmd/noxsim/point.h"

struct console;

/** @return NULL when out of memory. env and point are lent for life */
struct console *console_new(struct env *env, struct point *point);
void console_free(struct console *console);

/* Standard input can be read. @return true when it has ended */
bool console_on_input(struct console *console);
/* The central system called. */
void console_on_request(void *console, const char *action);
/* Carry out what can be. @return true when everything is done and the input has ended */
bool console_run(struct console *console);
/* A `wait` was in vain, or a command was wrong. */
bool console_failed(const struct console *console);

/* For --help. */
void console_print_help(void);

#endif
