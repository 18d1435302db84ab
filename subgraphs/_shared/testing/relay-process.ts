import { openLog, startRelays } from '../open-log.ts'
import { createLogger } from '../telemetry.ts'

/** The relay of one room as a process of its own, to be killed: `relay-process.ts DATABASE_URL KAFKA_BROKERS ROOM`. */
const [databaseUrl = '', kafkaBrokers, room = ''] = process.argv.slice(2)
const log = await openLog({ databaseUrl, kafkaBrokers, logger: createLogger('relay', 'error') })
startRelays(log, [room])
