import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const PASSWORD = 'only-for-tests'

/** What a broker is told so that it speaks TLS with a certificate of its own, written to `caFile`, to one user only. */
export function securityProperties(
  folder: string,
  caFile: string,
  { username, password }: { username: string; password: string },
) {
  const store = join(folder, 'broker.p12')
  makeCertificate(store, caFile)
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const users = `username="${username}" password="${password}" user_${username}="${password}"`
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': store,
    'ssl.keystore.password': PASSWORD,
    'ssl.truststore.type': 'PEM', // the broker is its own client, too
    'ssl.truststore.location': caFile,
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${login} required ${users};`,
  }
}

/** By the tool that comes with Java. */
function makeCertificate(store: string, caFile: string): void {
  const shared = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', PASSWORD]
  const about = ['-keyalg', 'EC', '-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1', '-validity', '2']
  for (const args of [
    ['-genkeypair', ...shared, ...about],
    ['-exportcert', '-rfc', '-file', caFile, ...shared],
  ]) {
    const { status, stderr } = spawnSync('keytool', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`keytool ended with ${status}: ${stderr}`)
  }
}
