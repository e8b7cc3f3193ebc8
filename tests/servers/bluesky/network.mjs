// Bluesky's own network on loopback: PLC directory, PDS, AppView, and a stand-in for its chat service, which nobody
// outside has. Ports and addresses come by the environment; a control port takes the PDS off the line and back.
import http from 'node:http'
import { TestBsky, TestBsync, TestPds, TestPlc, mockNetworkUtilities } from '@atproto/dev-env'
import { startChat } from './chat.mjs'
import { startJetstream } from './jetstream.mjs'

const { DB_POSTGRES_URL: dbUrl, REDIS_HOST: redis, LIMITS_BYPASS: rateLimitBypassKey } = process.env
const [plcPort, pdsPort, bskyPort, bsyncPort, chatPort, jetstreamPort, controlPort] = process.env.PORTS.split(',').map(Number)

const plc = await TestPlc.create({ port: plcPort })
const bsync = await TestBsync.create({ apiKeys: ['bsync'], dbUrl, dbSchema: 'bsync', port: bsyncPort })
const bsky = await TestBsky.create({
  port: bskyPort, plcUrl: plc.url, pdsPort, bsyncApiKey: 'bsync', bsyncUrl: bsync.url,
  repoProvider: `ws://localhost:${pdsPort}`, dbPostgresSchema: 'appview', dbPostgresUrl: dbUrl, redisHost: redis,
})
bsync.ctx.dataplaneClients = [bsky.ctx.dataplane]
const pds = await TestPds.create({
  port: pdsPort, hostname: 'localhost', didPlcUrl: plc.url, enableDidDocWithSession: true,
  bskyAppViewUrl: bsky.url, bskyAppViewDid: bsky.ctx.cfg.serverDid,
  rateLimitsEnabled: true, rateLimitBypassKey, redisScratchAddress: redis,
})
mockNetworkUtilities(pds, bsky)
const chatDid = await startChat(chatPort, plc, pds)
startJetstream(jetstreamPort, pds)

const web = pds.server.server, lines = new Set()
web.on('connection', (line) => { lines.add(line); line.on('close', () => lines.delete(line)) })
const control = http.createServer(async (request, response) => {
  if (request.url === '/away') { web.close(); for (const line of lines) line.destroy() }
  if (request.url === '/back') await new Promise((done) => web.listen(pdsPort, done))
  response.end(JSON.stringify({ chatDid }))
})
control.listen(controlPort)
console.log('READY')

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
