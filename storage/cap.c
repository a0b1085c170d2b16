/* Caps on grid nodes: set once, begun, ended; never deleted (proof for the grid operator). */
#include "storage/conn.h"

enum store_rc cap_run(struct store_conn *db, const struct store_cap *c)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CAP_PUT);
    bind_int(q, 1, c->id);
    bind_text(q, 2, c->node);
    for (int p = 0; p < 3; p++)
        bind_int(q, 3 + p, c->limit_ma[p]);
    bind_int(q, 6, c->from_ms);
    bind_int(q, 7, c->until_ms);
    bind_text(q, 8, c->said);
    bind_text(q, 9, c->who);
    bind_text(q, 10, c->why);
    bind_int(q, 11, c->asked_at_ms);
    bind_int(q, 12, c->began_at_ms);
    bind_int(q, 13, c->ended_at_ms);
    bind_text(q, 14, c->ended_by);
    return store_step_done(db, q);
}
