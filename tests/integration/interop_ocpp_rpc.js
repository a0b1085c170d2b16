/*
 * A charge point that nobody here wrote: npm `ocpp-rpc` in strict mode (it validates every message of both sides with
 * the official schemas).  Boots, authorises, charges, takes profiles, stops; prints what it saw as one JSON line.
 *
 *   node interop_ocpp_rpc.js URL IDENTITY KEY [CA.pem [CERT.pem CERT.key [MAX-TLS-VERSION]]]
 *
 * KEY - is none.  With a CA only the connection is tried: boot, one answer, heartbeat, close.
 */
'use strict';
const { RPCClient } = require(`${process.env.NOX_NODE_MODULES}/ocpp-rpc`);

const [url, identity, key, ca, cert, certKey, maxVersion] = process.argv.slice(2);
const read = (path) => require('fs').readFileSync(path);
const seen = { requests: [], profiles: [] };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function waitFor(what, test, seconds = 30) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50))
        if (test()) return;
    throw new Error(`${what} did not happen within ${seconds} s; requests: ${seen.requests.join(' ')}`);
}

async function main() {
    const client = new RPCClient({
        endpoint: url,
        identity,
        password: key === '-' ? undefined : key,
        protocols: ['ocpp1.6'],
        strictMode: true,
        reconnect: false,
        wsOpts: {
            ...(ca ? { ca: read(ca) } : {}),
            ...(cert ? { cert: read(cert), key: read(certKey) } : {}),
            ...(maxVersion ? { maxVersion } : {}),
        },
    });
    let stopRequested = false;
    const note = (name, answer) =>
        client.handle(name, ({ params }) => {
            seen.requests.push(name);
            return answer(params);
        });
    note('GetConfiguration', () => ({
        configurationKey: [
            { key: 'HeartbeatInterval', readonly: false, value: '300' },
            { key: 'MeterValueSampleInterval', readonly: false, value: '900' },
            { key: 'NumberOfConnectors', readonly: true, value: '1' },
        ],
    }));
    note('SetChargingProfile', (params) => {
        seen.profiles.push(params);
        return { status: 'Accepted' };
    });
    note('RemoteStopTransaction', () => {
        stopRequested = true;
        return { status: 'Accepted' };
    });
    for (const name of ['ChangeConfiguration', 'TriggerMessage', 'Reset', 'ClearCache', 'ChangeAvailability'])
        note(name, () => ({ status: 'Accepted' }));
    note('UnlockConnector', () => ({ status: 'Unlocked' }));
    note('ClearChargingProfile', () => ({ status: 'Unknown' }));
    note('GetCompositeSchedule', () => ({ status: 'Rejected' }));
    client.on('strictValidationFailure', ({ error }) => {
        throw error;
    });

    await client.connect();
    const boot = await client.call('BootNotification', { chargePointVendor: 'ocpp-rpc', chargePointModel: 'strict' });
    if (boot.status !== 'Accepted') throw new Error(`boot: ${boot.status}`);
    if (ca) {
        console.log(JSON.stringify({ ready: true }));
        await waitFor('ClearCache', () => seen.requests.includes('ClearCache'), 60);
        const heartbeat = await client.call('Heartbeat', {});
        await client.close();
        console.log(JSON.stringify({ heartbeat, ...seen }));
        return;
    }
    await client.call('StatusNotification', { connectorId: 0, errorCode: 'NoError', status: 'Available' });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
    await waitFor('the safe current', () =>
        seen.profiles.some((p) => p.csChargingProfiles.chargingProfilePurpose === 'TxDefaultProfile'));
    const authorize = await client.call('Authorize', { idTag: 'A1' });
    const stranger = await client.call('Authorize', { idTag: 'NOBODY' });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' });
    const start = await client.call('StartTransaction', {
        connectorId: 1, idTag: 'A1', meterStart: 1200345, timestamp: new Date().toISOString(),
    });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' });
    await waitFor('a profile of the transaction', () =>
        seen.profiles.some((p) => p.csChargingProfiles.transactionId === start.transactionId));
    await client.call('MeterValues', {
        connectorId: 1, transactionId: start.transactionId,
        meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [
            { value: '1201.345', unit: 'kWh', measurand: 'Energy.Active.Import.Register' },
            { value: '11.04', unit: 'kW', measurand: 'Power.Active.Import' },
            { value: '16.0', unit: 'A', measurand: 'Current.Import', phase: 'L1' },
            { value: '16.0', unit: 'A', measurand: 'Current.Import', phase: 'L2' },
            { value: '16.0', unit: 'A', measurand: 'Current.Import', phase: 'L3' }] }],
    });
    await client.call('DataTransfer', { vendorId: 'org.example', messageId: 'hello', data: 'x' });
    let unknown = null;
    try {
        await client.call('SignCertificate', { csr: '' });
    } catch (error) {
        unknown = error.rpcErrorCode || error.code || error.message;
    }
    console.log(JSON.stringify({ ready: true, transactionId: start.transactionId }));
    await waitFor('RemoteStopTransaction', () => stopRequested, 60);
    await client.call('StopTransaction', {
        transactionId: start.transactionId, idTag: 'A1', meterStop: 1231552, reason: 'Remote',
        timestamp: new Date().toISOString(),
    });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
    await client.call('Heartbeat', {});
    await client.close();
    console.log(JSON.stringify({ authorize, stranger, start, unknown, ...seen }));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
