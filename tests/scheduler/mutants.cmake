# Is the simulation able to see a broken rule?  Each mutant is the balancer with one rule of the
# ledger broken; invariant_test must find a seed that fails.

# mutant(NAME FILE "text in scheduler/FILE.c" "what stands there instead" [SIMULATION ARGUMENTS])
function(mutant name file from to)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/mutant_${name}_${file}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -D "IN=${CMAKE_SOURCE_DIR}/scheduler/${file}.c" -D "OUT=${out}"
            -D "FROM=${from}" -D "TO=${to}" -P ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/scheduler/${file}.c ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
            ${CMAKE_CURRENT_SOURCE_DIR}/mutants.cmake
    VERBATIM)
  # The archive gives what the mutated file does not define.
  add_executable(mutant_${name} ${out})
  target_compile_options(mutant_${name} PRIVATE -w)
  set(simulation invariant)
  set(arguments --seeds 2000)
  if(ARGC GREATER 4)
    set(simulation ${ARGV4})
    set(arguments ${ARGV5})
  endif()
  target_link_libraries(mutant_${name} PRIVATE ${simulation} street nox_scheduler)
  set_target_properties(mutant_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME mutant_${name} COMMAND mutant_${name} ${arguments} --expect-failure)
endfunction()

# What may be in force is forgotten.
mutant(no_answer_is_no plan "else if (answer != SCHED_UNKNOWN)" "else")
mutant(sent_is_installed ledger "p->entry[p->n_entries++] = *entry" "p->entry[0] = *entry, p->n_entries = 1")
mutant(refusal_is_consent plan "answer == SCHED_ACCEPTED" "answer == SCHED_ACCEPTED || answer == SCHED_REJECTED")
mutant(no_reaction_time ledger "ms_after(now_ms, l->react_ms)" "now_ms")
mutant(link_lost_is_off plan "p->up = up" "p->up = up, up ? (void)0 : ledger_ended(&s->ledger, point, p->session.tx_id, true, now_ms)")
mutant(boot_forgets plan "ledger_doubt(&s->ledger, point)" "ledger_ended(&s->ledger, point, p->session.tx_id, true, now_ms)")
mutant(restart_forgets plan "|| lease->limit_ma < 0)" "|| lease->limit_ma >= 0)")
mutant(old_stop_ends_all ledger "p->entry[i].tx_id == tx_id || (current" "true || (current")
mutant(rebuild_forgets plan "n < p->n_entries && n < max" "n < 0")
mutant(confirmed_at_once plan ".limit_ma = p->conf.rating_ma" ".limit_ma = 0")
mutant(clocks_are_right ledger "l->clock_slack_ms + skew_ms" "0 * skew_ms")

mutant(store_knows_all ledger "by_store && e->answered" "e->answered")

# What is covered by what was written.
mutant(cover_never_ends round "*end_ms = ms_min(*end_ms, until_ms)" "(void)end_ms")

# What a point may draw without any lease is forgotten.
mutant(idle_is_off ledger "return p->safe_ma;" "return p->n_entries > 0 ? p->safe_ma : 0;")
mutant(safe_is_installed ledger " || !p->safe_confirmed" "")
mutant(default_for_running plan "p->session.tx_id != 0 && p->offer.confirmed_ma < 0" "false")
mutant(forgetful_obeys ledger "p->class == SCHED_FORGETFUL || p->class" "p->class")
mutant(unmanaged_obeys ledger "|| p->class == SCHED_UNMANAGED ||" "||")
mutant(sticky_ends ledger "p->class == SCHED_LEASING && " "")
mutant(unused_phase_is_free ledger "worst_ma = ledger_base_ma(p)" "worst_ma = p->phases >> phase & 1 ? ledger_base_ma(p) : 0")

# Sums are wrong.
mutant(covered_is_in_force round "if (!ledger_exceeds_above(&s->ledger, i))" "if (true)")
mutant(raise_unchecked round "ledger_room_ma(&s->ledger, i, p->target_ma)" "p->target_ma")
mutant(own_node_only ledger "for (int32_t v = p->node; v >= 0; v = l->grid->node[v].parent)" "for (int32_t v = p->node; v >= 0; v = -1)")
mutant(wiring_ignored grid "1u << point->wiring[i]" "1u << i")

# Capacity over time, with the street of its own.
function(capacity_mutant name file from to first_seed)
  mutant(${name} ${file} "${from}" "${to}" capacity_street_main "--first;${first_seed};--seeds;300")
endfunction()
capacity_mutant(falls_come_unseen grid "node->fall_ms = at_ms" "(void)at_ms" 1)
capacity_mutant(lasting_ends ledger "return !ledger_is_timed(p) || l->grid->node[p->node].roomy" "return false" 89)
capacity_mutant(silence_keeps_last capacity "now_ms < ms_after(c->reading.at_ms, c->meter.silent_after_ms)" "true" 25)
capacity_mutant(guard_ignored capacity "c->meter.guard_ma[p]" "0" 1)
capacity_mutant(night_ends_at_midnight calendar "edge_ms(c, &w->to, day + 1, true)" "edge_ms(c, &w->to, day, true)" 1)
capacity_mutant(clock_is_utc calendar "c->local_ms != NULL ? c->local_ms(utc_ms) : utc_ms" "utc_ms" 1)
capacity_mutant(hours_ignored capacity "c->hour_ma != NULL ? BY_HOUR : BY_RESERVE" "BY_RESERVE" 1)
capacity_mutant(caps_end_at_restart grid "i < conf->n_caps" "i < 0 * conf->n_caps" 1)
capacity_mutant(own_is_all meter "ma_min(p->measured_ma[phase], least_limit_ma(s, i, at_ms))" "p->conf.rating_ma" 1)

# Capacity over time, one fall at a time.
function(fall_mutant name file from to)
  mutant(${name} ${file} "${from}" "${to}" falls_main "")
endfunction()
fall_mutant(short_leases_are_long round "return before_ms" "return end_ms")
fall_mutant(later_is_unchecked round "if (ledger_fits_later(&s->ledger, i, *limit_ma))" "if (true)")
fall_mutant(horizon_without_skew grid "GRID_SKEW_TO_LEASE_MS + t->react_ms" "t->react_ms")
fall_mutant(reserve_was_measured capacity "source == BY_METER && from_ms <= c->reading.at_ms" "source == BY_METER")
