"""The central-system test cases of the OCA compliance test for OCPP 1.6, by id: what the table must be complete for."""

CATALOGUE = """
Core | TC_001_CSMS | Cold boot
Core | TC_003_CSMS | Regular session, plugged in first
Core | TC_004_1_CSMS | Regular session, identified first
Core | TC_004_2_CSMS | Identified first, nobody plugs in
Core | TC_005_1_CSMS | Car unplugs at its side
Core | TC_007_CSMS | Start with an id the station knows
Core | TC_010_CSMS | Remote start, plugged in first
Core | TC_011_1_CSMS | Remote start, plugged in afterwards
Core | TC_011_2_CSMS | Remote start, nobody plugs in
Core | TC_012_CSMS | Remote stop
Core | TC_013_CSMS | Hard reset
Core | TC_014_CSMS | Soft reset
Core | TC_017_1_CSMS | Unlock without a session, detachable cable
Core | TC_017_2_CSMS | Unlock without a session, fixed cable
Core | TC_018_1_CSMS | Unlock with a session
Core | TC_019_1_CSMS | Read all configuration keys
Core | TC_019_2_CSMS | Read one configuration key
Core | TC_021_CSMS | Change a configuration key
Core | TC_023_1_CSMS | Unknown tag
Core | TC_023_2_CSMS | Expired tag
Core | TC_023_3_CSMS | Blocked tag
Core | TC_024_CSMS | Lock failure
Core | TC_026_CSMS | Remote start rejected
Core | TC_028_CSMS | Remote stop rejected
Core | TC_030_CSMS | Unlock fails
Core | TC_031_CSMS | Unlock of a connector that is not there
Core | TC_032_1_CSMS | Power failure ends the transaction
Core | TC_037_1_CSMS | Offline start, valid tag
Core | TC_037_3_CSMS | Offline start, invalid tag
Core | TC_039_CSMS | Offline transaction
Core | TC_040_1_CSMS | Configuration key not supported
Core | TC_040_2_CSMS | Configuration value invalid
Core | TC_061_CSMS | Clear the authorization cache
Core | TC_064_CSMS | Data transfer to the central system
Firmware | TC_044_1_CSMS | Download and install
Firmware | TC_044_2_CSMS | Download fails
Firmware | TC_044_3_CSMS | Installation fails
Firmware | TC_045_1_CSMS | Diagnostics
Firmware | TC_045_2_CSMS | Diagnostics, upload fails
Local list | TC_042_1_CSMS | List version, not supported
Local list | TC_042_2_CSMS | List version, empty
Local list | TC_043_1_CSMS | Send the list, not supported
Local list | TC_043_3_CSMS | Send the list, failed
Local list | TC_043_4_CSMS | Send the full list
Local list | TC_043_5_CSMS | Send a differential list
Reservation | TC_046_CSMS | Reserve a connector, use it
Reservation | TC_047_CSMS | Reservation expires
Reservation | TC_048_1_CSMS | Reserve, Faulted
Reservation | TC_048_2_CSMS | Reserve, Occupied
Reservation | TC_048_3_CSMS | Reserve, Unavailable
Reservation | TC_048_4_CSMS | Reserve, Rejected
Reservation | TC_049_CSMS | Reserve the charge point, use it
Reservation | TC_051_CSMS | Cancel a reservation
Reservation | TC_052_CSMS | Cancel a reservation, Rejected
Reservation | TC_053_CSMS | Reserved connector used by a tag of the same parent
Remote trigger | TC_054_CSMS | Trigger each message
Remote trigger | TC_055_CSMS | Trigger, Rejected
Smart charging | TC_056_CSMS | TxDefaultProfile
Smart charging | TC_057_CSMS | TxProfile
Smart charging | TC_059_CSMS | Remote start with a charging profile
Smart charging | TC_066_CSMS | Composite schedule
Smart charging | TC_067_CSMS | Clear charging profiles in three ways
Security | TC_073_CSMS | New AuthorizationKey
Security | TC_074_CSMS | New certificate by request of the central system
Security | TC_075_1_CSMS | Install a ManufacturerRootCertificate
Security | TC_075_2_CSMS | Install a CentralSystemRootCertificate
Security | TC_076_CSMS | Delete a certificate
Security | TC_077_CSMS | Event InvalidChargePointCertificate
Security | TC_078_CSMS | Event InvalidCentralSystemCertificate
Security | TC_079_CSMS | Security log
Security | TC_080_CSMS | Signed firmware
Security | TC_081_CSMS | Signed firmware, invalid signature
Security | TC_083_CSMS | Higher security profile
Security | TC_085_CSMS | Basic authentication
Security | TC_086_CSMS | TLS, server certificate
Security | TC_087_CSMS | TLS, client certificate
Security | TC_088_CSMS | Subprotocol
"""

ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in CATALOGUE.strip().splitlines()]
