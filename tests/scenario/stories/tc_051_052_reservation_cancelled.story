# TC_051_CSMS and TC_052_CSMS.
station CP1
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
operator calls CP1 CancelReservation reservationId=7
CP1 << CancelReservation reservationId=7
expect outcome 'answered Accepted'
expect 1 reservations id=7 state=cancelled
# any id can be cancelled; a station that does not know it is no trouble
CP1 answers CancelReservation with Rejected
operator calls CP1 CancelReservation reservationId=4711
expect outcome 'answered Rejected'
# ours that it no longer knows has ended
operator calls CP1 ReserveNow reservationId=10 connectorId=1 idTag=A1 expiryDate=@now+30m
operator calls CP1 CancelReservation reservationId=10
expect 1 reservations id=10 state=ended
