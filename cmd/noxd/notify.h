/* Tells systemd how far we are (sd_notify protocol, Type=notify). */
#ifndef CMD_NOXD_NOTIFY_H
#define CMD_NOXD_NOTIFY_H

/* "READY=1", "STOPPING=1", "STATUS=..."; nothing happens when NOTIFY_SOCKET is not set. */
void notify_systemd(const char *state);

#endif
