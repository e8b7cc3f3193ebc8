// A stand-in for Bluesky's chat service. Its interface is not ours: every request and every answer is checked against
// the official lexicons of chat.bsky by Bluesky's own XRPC server, and the caller is whom the PDS's signed token names.
import { schemas } from '@atproto/api'
import { TID } from '@atproto/common-web'
import { Secp256k1Keypair } from '@atproto/crypto'
import { InvalidRequestError, createServer, verifyJwt } from '@atproto/xrpc-server'
import * as plcLib from '@did-plc/lib'
import express from 'express'

const CHAT = 'chat.bsky.convo.'

async function makeDid(port, plc) {
  const key = await Secp256k1Keypair.create()
  const operation = await plcLib.signOperation({
    type: 'plc_operation', alsoKnownAs: [], rotationKeys: [key.did()], prev: null,
    verificationMethods: { atproto: key.did() },
    services: { bsky_chat: { type: 'BskyChatService', endpoint: `http://localhost:${port}` } },
  }, key)
  const did = await plcLib.didForCreateOp(operation)
  await plc.getClient().sendOperation(did, operation)
  return did
}

export async function startChat(port, plc, pds) {
  const did = await makeDid(port, plc)
  const convos = new Map(), logs = new Map(), deaf = new Set()
  const later = () => TID.nextStr()

  const auth = async ({ req }) => {
    const token = (req.headers.authorization ?? '').replace('Bearer ', '')
    const lxm = req.originalUrl.split('?')[0].replace('/xrpc/', '')
    const payload = await verifyJwt(token, did, lxm, async (iss) => pds.ctx.idResolver.did.resolveAtprotoKey(iss))
    return { credentials: { did: payload.iss } }
  }
  const profile = async (member) => ({ did: member, handle: (await pds.ctx.accountManager.getAccount(member))?.handle ?? 'handle.invalid', displayName: `Resident ${member.slice(-4)}` })
  const mine = (credentials, id) => {
    const convo = convos.get(id)
    if (!convo?.members.includes(credentials.did)) throw new InvalidRequestError('Convo not found', 'InvalidConvo')
    return convo
  }
  const view = async (convo, me) => ({
    id: convo.id, rev: convo.rev, muted: false, status: 'accepted',
    unreadCount: convo.messages.filter((m) => m.sender.did !== me && m.rev > (convo.read[me] ?? '')).length,
    members: await Promise.all(convo.members.map(profile)),
    ...(convo.messages.length && { lastMessage: convo.messages.at(-1) }),
  })
  const log = (convo, entry) => { for (const member of convo.members) logs.set(member, [...(logs.get(member) ?? []), entry]) }
  const typed = (type, value) => ({ $type: `${CHAT}defs#${type}`, ...value })

  const server = createServer(schemas, { validateResponse: true })
  const on = (name, handler) => server.method(CHAT + name, { auth, handler: async (call) => ({ encoding: 'application/json', body: await handler(call.params, call.auth.credentials, call.input?.body) }) })

  on('getConvoForMembers', async ({ members }, me) => {
    if (members.some((member) => deaf.has(member))) throw new InvalidRequestError('recipient has disabled incoming messages', 'MessagesDisabled')
    const all = [...new Set([me.did, ...members])].sort()
    const id = `convo${all.map((member) => member.slice(-8)).join('')}`
    if (!convos.has(id)) {
      const convo = { id, rev: later(), members: all, messages: [], read: {} }
      convos.set(id, convo)
      log(convo, typed('logBeginConvo', { rev: convo.rev, convoId: id }))
    }
    return { convo: await view(convos.get(id), me.did) }
  })
  on('getConvo', async ({ convoId }, me) => ({ convo: await view(mine(me, convoId), me.did) }))
  on('listConvos', async ({ limit, readState }, me) => {
    const views = await Promise.all([...convos.values()].filter((c) => c.members.includes(me.did)).map((c) => view(c, me.did)))
    return { convos: views.filter((v) => readState !== 'unread' || v.unreadCount).sort((a, b) => (a.rev < b.rev ? 1 : -1)).slice(0, limit) }
  })
  on('sendMessage', async (_params, me, { convoId, message }) => {
    const convo = mine(me, convoId), rev = later()
    const said = typed('messageView', { id: rev, rev, text: message.text, ...(message.facets && { facets: message.facets }), sender: { did: me.did }, sentAt: new Date().toISOString() })
    convo.messages.push(said)
    convo.rev = rev
    log(convo, typed('logCreateMessage', { rev, convoId, message: said, relatedProfiles: [await profile(me.did)] }))
    return said
  })
  on('getMessages', async ({ convoId, limit, cursor }, me) => {
    const older = mine(me, convoId).messages.filter((m) => !cursor || m.rev < cursor).reverse()
    return { messages: older.slice(0, limit), ...(older.length > limit && { cursor: older[limit - 1].rev }) }
  })
  on('updateRead', async (_params, me, { convoId }) => {
    const convo = mine(me, convoId)
    convo.read[me.did] = convo.rev
    return { convo: await view(convo, me.did) }
  })
  on('getLog', async ({ cursor }, me) => {
    const all = logs.get(me.did) ?? []
    const found = cursor ? all.filter((entry) => entry.rev > cursor).slice(0, 50) : all.slice(-50)
    return { logs: found, cursor: found.at(-1)?.rev ?? cursor ?? '2222222222222' }
  })
  server.method('chat.bsky.actor.getStatus', { auth, handler: async () => ({ encoding: 'application/json', body: { chatDisabled: false } }) })

  const app = express()
  // Residents who take no messages: told to the stand-in itself, as it has no screen of settings.
  app.post('/deaf/:did', (request, response) => { deaf.add(request.params.did); response.end() })
  app.use(server.router)
  app.listen(port)
  return did
}
