// A stand-in for Jetstream (github.com/bluesky-social/jetstream): the PDS's firehose, read by Bluesky's own library,
// as JSON over a WebSocket.
import { stringifyLex } from '@atproto/lexicon'
import { Firehose } from '@atproto/sync'
import { WebSocketServer } from 'ws'

export function startJetstream(port, pds) {
  const events = [], sockets = new Map()
  let clock = 0
  const publish = (event) => {
    clock = Math.max(Date.now() * 1000, clock + 1)
    events.push({ ...event, time_us: clock })
    for (const [socket, wanted] of sockets) tell(socket, wanted, events.at(-1))
  }
  const tell = (socket, wanted, event) => {
    if (event.kind !== 'commit' || !wanted.length || wanted.includes(event.commit.collection)) socket.send(stringifyLex(event))
  }
  const firehose = new Firehose({
    service: pds.url.replace('http', 'ws'), idResolver: pds.ctx.idResolver, unauthenticatedCommits: true,
    unauthenticatedHandles: true, onError: () => {},
    handleEvent: (event) => {
      if (!['create', 'update', 'delete'].includes(event.event)) return
      const { did, rev, collection, rkey, event: operation } = event
      const said = operation === 'delete' ? {} : { cid: event.cid.toString(), record: event.record }
      publish({ did, kind: 'commit', commit: { rev, operation, collection, rkey, ...said } })
    },
  })
  firehose.start()
  const server = new WebSocketServer({ port, path: '/subscribe' })
  server.on('connection', (socket, request) => {
    const query = new URL(request.url, 'http://localhost').searchParams
    const wanted = query.getAll('wantedCollections'), cursor = Number(query.get('cursor') ?? 0)
    if (cursor) for (const event of events) if (event.time_us >= cursor) tell(socket, wanted, event)
    sockets.set(socket, wanted)
    socket.on('close', () => sockets.delete(socket))
  })
  return firehose
}
