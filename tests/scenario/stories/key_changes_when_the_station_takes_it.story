# White paper A01, TC_073: Accepted ends the old key at once; nothing of it is needed from the next connection.
station CP1
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 6s
expect outcome 'answered Accepted'
expect security CP1 key=first-key-16-chars new=none
expect event station.key_changed
operator calls CP1 ChangeConfiguration key=authorizationKEY value=4142434445464748494a4b4c4d4e4f5051525354
after 1s
expect security CP1 key=ABCDEFGHIJKLMNOPQRST new=none
server restarts
expect security CP1 key=ABCDEFGHIJKLMNOPQRST new=none
