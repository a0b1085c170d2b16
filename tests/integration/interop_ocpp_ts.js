/*
 * A second charge point that nobody here wrote: npm `ocpp-ts`.  It checks what the central system asks with its own
 * copy of the schemas, answers what has no listener with a CALLERROR, and does not wait for one answer before it asks
 * again.  Prints what it saw as JSON, one object per line.
 *
 *   node interop_ocpp_ts.js URL IDENTITY KEY
 */
'use strict';
const { OcppClient } = require(`${process.env.NOX_NODE_MODULES}/ocpp-ts`);

const [url, identity, key] = process.argv.slice(2);
const seen = { requests: [], profiles: [] };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function waitFor(what, test, seconds = 30) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50))
        if (test()) return;
    throw new Error(`${what} did not happen within ${seconds} s; requests: ${seen.requests.join(' ')}`);
}

function connect(client) {
    const login = Buffer.from(`${identity}:${key}`).toString('base64');
    return new Promise((resolve, reject) => {
        client.on('connect', resolve);
        client.on('error', reject);
        client.connect(`${url}/`, { Authorization: `Basic ${login}` });
    });
}

function listen(client) {
    const note = (name, answer) =>
        client.on(name, (request, done) => {
            seen.requests.push(name);
            done(answer(request));
        });
    note('SetChargingProfile', (request) => {
        seen.profiles.push(request);
        return { status: 'Accepted' };
    });
    note('ChangeConfiguration', () => ({ status: 'NotSupported' }));
    note('TriggerMessage', () => ({ status: 'NotImplemented' }));
    // GetConfiguration and ClearChargingProfile have no listener: CALLERROR NotImplemented.
}

async function charge(client) {
    const now = () => new Date().toISOString();
    // Two at once: this client does not queue.
    const [start] = await Promise.all([
        client.callRequest('StartTransaction', { connectorId: 1, idTag: 'A1', meterStart: 0, timestamp: now() }),
        client.callRequest('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' }),
    ]);
    const transactionId = start.transactionId;
    await waitFor('16 A for the transaction', () =>
        seen.profiles.some(({ csChargingProfiles: p }) =>
            p.transactionId === transactionId && p.chargingSchedule.chargingSchedulePeriod[0].limit === 16));
    await client.callRequest('MeterValues', {
        connectorId: 1, transactionId,
        meterValue: [{ timestamp: now(), sampledValue: [{ value: '1000' }] }],
    });
    await client.callRequest('StopTransaction', { transactionId, meterStop: 2345, timestamp: now(), reason: 'Local' });
    return start;
}

async function main() {
    const client = new OcppClient(identity);
    listen(client);
    await connect(client);
    const boot = await client.callRequest('BootNotification', { chargePointVendor: 'ocpp-ts', chargePointModel: 'any' });
    if (boot.status !== 'Accepted') throw new Error(`boot: ${boot.status}`);
    await client.callRequest('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
    await waitFor('the safe current', () =>
        seen.profiles.some((p) => p.csChargingProfiles.chargingProfilePurpose === 'TxDefaultProfile'));
    const authorize = await client.callRequest('Authorize', { idTag: 'a1' });
    const start = await charge(client);
    const unknown = await client.callRequest('Nonsense', {}).catch((error) => error.code);
    console.log(JSON.stringify({ boot, authorize, start, unknown, ...seen }));
    process.exit(0);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
