// Every part of the network would listen on all interfaces: keep each on loopback. And the city's own site, where the
// login page reads who we are, is a server of the tests.
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === 'number' && typeof given[1] !== 'string') given.splice(1, 0, '127.0.0.1')
  else if (given[0] && typeof given[0] === 'object' && 'port' in given[0] && !given[0].host) given[0] = { ...given[0], host: '127.0.0.1' }
  return listen.apply(this, given)
}

const { fetch: real } = globalThis, site = 'https://openline-test-city.org/'
globalThis.fetch = async (input, options) => {
  const url = typeof input === 'object' && 'url' in input ? input.url : String(input)
  return url.startsWith(site) ? real(`http://127.0.0.1:${process.env.SITE_PORT}/${url.slice(site.length)}`) : real(input, options)
}
