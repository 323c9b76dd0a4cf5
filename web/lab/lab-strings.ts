import { t } from '../ui/i18n.ts';
import type { ExperimentName } from './experiments.ts';
import type { LabNote, LabOutcome } from './lab-client.ts';

interface ExperimentStrings {
  title: string;
  /** The fact to watch, before the experiment. */
  expect: string;
  /** The damage to a server such as the one of the tutorial. */
  warning?: string;
  /** The reason, for after the experiment. */
  why: string;
}

interface LabStrings {
  intro: string;
  idle: string;
  connecting: string;
  connectedAs: (address: string) => string;
  outcomes: Record<LabOutcome, string>;
  connect: string;
  close: string;
  closeHint: string;
  text: string;
  /** Text to write at first. */
  example: string;
  textHint: string;
  pause: string;
  pauses: Record<'none' | 'short' | 'long', string>;
  write: string;
  fin: string;
  reset: string;
  stopReading: string;
  nothing: string;
  badEscape: (line: number, given: string) => string;
  tooLong: (line: number, most: string) => string;
  happened: string;
  nothingYet: string;
  clear: string;
  sent: string;
  received: string;
  bytes: (count: number) => string;
  notes: Record<Exclude<LabNote['of'], 'ended' | 'open' | 'waiting' | 'skipped'>, string>;
  waiting: (bytes: number) => string;
  skipped: (bytes: number) => string;
  experiments: string;
  experimentsHint: string;
  run: string;
  why: string;
  steps: Record<'end' | 'reset' | 'stop-reading', string>;
  stepPause: (seconds: string) => string;
  of: Record<ExperimentName, ExperimentStrings>;
}

const numberText = (count: number) => count.toLocaleString(t.code);

const es: LabStrings = {
  intro:
    'Una conexión TCP tuya con la sala, sin nada en medio, como con netcat. Para la sala es una terminal más, y no toca las conexiones de nadie.',
  idle: 'Sin conexión.',
  connecting: 'Conectando…',
  connectedAs: (address) => `Conectado como ${address}`,
  outcomes: {
    fin: 'Terminada: los dos lados han enviado FIN.',
    reset: 'La has cortado con RST.',
    'room-reset': 'La sala la ha cortado con RST.',
    refused: 'La sala no acepta la conexión. ¿Está en marcha su servidor?',
    'no-answer': 'La sala no contesta.',
    lost: 'Se ha perdido la conexión con la sala.',
    left: 'La has cerrado, con FIN.',
    idle: 'Cerrada: llevaba diez minutos sin usarse.',
    full: 'Hay demasiadas conexiones. Prueba dentro de un rato.',
    locked: 'El laboratorio es de los anfitriones: vuelve a entrar con su contraseña.',
    offline: 'Se ha perdido la conexión con la pasarela.',
  },
  connect: 'Conectar',
  close: 'Cerrar',
  closeHint: 'Al cerrar este panel se cierra también la conexión, con FIN.',
  text: 'Qué escribir',
  example: 'hola\\n',
  textHint: 'Cada línea es una escritura. Escapes: \\n \\r \\t \\0 \\\\ \\xc3. Ctrl+Enter escribe.',
  pause: 'Pausa entre escrituras',
  pauses: { none: 'Ninguna', short: '0,1 segundos', long: '1 segundo' },
  write: 'Escribir',
  fin: 'Enviar FIN',
  reset: 'Cortar (RST)',
  stopReading: 'Dejar de leer',
  nothing: 'Pon algo que escribir.',
  badEscape: (line, given) =>
    `Línea ${line}: «${given}» no es ningún escape. Valen \\n, \\r, \\t, \\0, \\\\ y \\x con dos cifras hexadecimales.`,
  tooLong: (line, most) => `Línea ${line}: una escritura lleva como mucho ${most} bytes.`,
  happened: 'Qué ha pasado',
  nothingYet: 'Aquí aparece lo que sale y lo que llega, byte a byte y con su tiempo.',
  clear: 'Vaciar',
  sent: 'Enviado',
  received: 'Recibido',
  bytes: (count) => (count === 1 ? '1 byte' : `${numberText(count)} bytes`),
  notes: {
    'fin-sent': 'FIN enviado: ya no se puede escribir, pero se sigue leyendo.',
    'fin-received': 'La sala ha enviado FIN: ya no enviará nada más.',
    'stopped-reading': 'Ya no se lee, durante un minuto como mucho.',
    'resumed-reading': 'Se vuelve a leer.',
    'queue-full': 'No se ha escrito: la sala no recoge lo anterior.',
  },
  waiting: (bytes) => `La sala aún no ha recogido ${numberText(bytes)} bytes.`,
  skipped: (bytes) => `Otros ${numberText(bytes)} bytes no se muestran: llegaron demasiado deprisa.`,
  experiments: 'Experimentos',
  experimentsHint: 'Piensa antes qué va a pasar. Después, compara.',
  run: 'Probar',
  why: 'Por qué',
  steps: { end: 'FIN', reset: 'RST', 'stop-reading': 'dejar de leer' },
  stepPause: (seconds) => `esperar ${seconds} s`,
  of: {
    three: {
      title: 'Tres escrituras seguidas',
      expect:
        'Mira una terminal: ¿bajo cuántas cabeceras salen las tres líneas? Repítelo: puede cambiar. La página las agrupa.',
      why: 'TCP lleva un flujo de bytes, no mensajes. El servidor del tutorial toma por un mensaje lo que encuentra al leer: una línea, o varias que llegaron juntas. Un servidor robusto corta por los saltos de línea.',
    },
    noNewline: {
      title: 'Sin salto de línea',
      expect:
        'Envía algo desde otro sitio durante los cinco segundos de pausa, y mira una terminal: ¿dónde aparece?',
      why: 'El servidor del tutorial reenvía lo que lee sin esperar al salto, así que la cabecera siguiente se pega en la misma línea. La página la encuentra y separa los mensajes. Otros servidores guardan el texto hasta que llega el salto.',
    },
    long: {
      title: '3000 bytes de una vez',
      expect: 'Mira una terminal: ¿cuántos mensajes salen, y de qué tamaño?',
      why: 'recv(1024) devuelve como mucho 1024 bytes: aquí 1024, 1024 y 952. Para el servidor del tutorial son tres mensajes con tres cabeceras. Lo que va junto hay que juntarlo: hasta el salto de línea, por ejemplo.',
    },
    halfCharacter: {
      title: 'Medio carácter',
      expect: 'La «ñ» de «mañana» son dos bytes, c3 y b1. Va uno, y medio segundo después el otro.',
      warning:
        'El servidor del tutorial no lo resiste: esta conexión muere, y con el mensaje siguiente se para toda la sala. Habrá que reiniciarlo.',
      why: 'decode() falla con medio carácter, y el error acaba con el hilo sin sacar al cliente de la lista. Enviarle el mensaje siguiente también falla, y para sacarlo entonces se espera un candado que ya tiene el mismo hilo. Se arregla reenviando bytes, o descodificando líneas enteras, y sacando al cliente pase lo que pase (finally).',
    },
    invalid: {
      title: 'Bytes que no son texto',
      expect: 'c0 y c1 no aparecen en ningún texto UTF-8. ¿Qué hará el servidor con ellos?',
      warning:
        'El servidor del tutorial no lo resiste: esta conexión muere, y con el mensaje siguiente se para toda la sala. Habrá que reiniciarlo.',
      why: 'decode() lanza un error con bytes que no son UTF-8, y el programa no lo captura. Quien escribe un servidor no elige lo que le llega: decode(errors="replace") pone � en su lugar.',
    },
    forged: {
      title: 'Una cabecera falsa',
      expect: 'En una terminal, ¿quién parece haberlo enviado? ¿Y en la página?',
      why: 'El mensaje lleva dentro un salto de línea y una cabecera inventada, y el servidor del tutorial la reenvía tal cual: nada la distingue de una buena. Un servidor robusto pone la cabecera delante de cada línea. La página solo puede marcar las que llevan la dirección de un navegador.',
    },
    reset: {
      title: 'Irse sin despedirse',
      expect: 'RST corta de golpe, como un programa que se cae. ¿Pueden seguir los demás?',
      warning:
        'El servidor del tutorial no lo resiste: con los mensajes siguientes se para toda la sala. Habrá que reiniciarlo.',
      why: 'recv() lanza un error, y el hilo acaba sin sacar al cliente de la lista. El envío siguiente a ese cliente falla con el candado tomado, y sacarlo entonces espera ese mismo candado: un interbloqueo. El código de limpieza va en un finally.',
    },
    readNothing: {
      title: 'No leer nada',
      expect:
        '¿Qué pasa con los demás cuando alguien no lee? Pide a alguien que pegue unos megabytes de texto.',
      warning:
        'El servidor del tutorial deja de atender a todos cuando se llenan los búferes del sistema, hasta que vuelvas a leer: un minuto como mucho.',
      why: 'Lo que no se lee se acumula en los búferes de los dos sistemas, que admiten unos megabytes. Cuando se llenan, sendall() espera a este cliente, y lo hace con el candado tomado: nadie más puede enviar. Un servidor robusto guarda hasta un límite, y desconecta a quien no lee.',
    },
  },
};

const en: LabStrings = {
  intro:
    'A TCP connection of your own into the room, with nothing in between, like netcat. For the room it is one more terminal, and it touches nobody else’s connection.',
  idle: 'Not connected.',
  connecting: 'Connecting…',
  connectedAs: (address) => `Connected as ${address}`,
  outcomes: {
    fin: 'Over: both sides sent FIN.',
    reset: 'You reset it with RST.',
    'room-reset': 'The room reset it with RST.',
    refused: 'The room refuses the connection. Is its server running?',
    'no-answer': 'The room does not answer.',
    lost: 'The connection to the room was lost.',
    left: 'You closed it, with FIN.',
    idle: 'Closed: it was not used for ten minutes.',
    full: 'There are too many connections. Try again in a while.',
    locked: 'The lab is for hosts: enter their passphrase again.',
    offline: 'The connection to the gateway was lost.',
  },
  connect: 'Connect',
  close: 'Close',
  closeHint: 'Closing this panel closes the connection too, with FIN.',
  text: 'What to write',
  example: 'hello\\n',
  textHint: 'Each line is one write. Escapes: \\n \\r \\t \\0 \\\\ \\xc3. Ctrl+Enter writes.',
  pause: 'Pause between writes',
  pauses: { none: 'None', short: '0.1 seconds', long: '1 second' },
  write: 'Write',
  fin: 'Send FIN',
  reset: 'Reset (RST)',
  stopReading: 'Stop reading',
  nothing: 'Enter something to write.',
  badEscape: (line, given) =>
    `Line ${line}: “${given}” is no escape. There are \\n, \\r, \\t, \\0, \\\\ and \\x with two hexadecimal digits.`,
  tooLong: (line, most) => `Line ${line}: one write takes at most ${most} bytes.`,
  happened: 'What happened',
  nothingYet: 'What goes out and what comes in appears here, byte by byte and with its time.',
  clear: 'Clear',
  sent: 'Sent',
  received: 'Received',
  bytes: (count) => (count === 1 ? '1 byte' : `${numberText(count)} bytes`),
  notes: {
    'fin-sent': 'FIN sent: you can write no more, but still read.',
    'fin-received': 'The room sent FIN: it will send no more.',
    'stopped-reading': 'Nothing is read now, for a minute at most.',
    'resumed-reading': 'Reading again.',
    'queue-full': 'Not written: the room does not take what came before.',
  },
  waiting: (bytes) => `The room has not taken ${numberText(bytes)} bytes yet.`,
  skipped: (bytes) => `Another ${numberText(bytes)} bytes are not shown: they came too fast.`,
  experiments: 'Experiments',
  experimentsHint: 'First think what will happen. Then compare.',
  run: 'Try it',
  why: 'Why',
  steps: { end: 'FIN', reset: 'RST', 'stop-reading': 'stop reading' },
  stepPause: (seconds) => `wait ${seconds} s`,
  of: {
    three: {
      title: 'Three writes at once',
      expect:
        'Look at a terminal: under how many headers do the three lines appear? Repeat it: that may change. The page groups them.',
      why: 'TCP carries a stream of bytes, not messages. The tutorial’s server takes whatever one read returns for a message: one line, or several that arrived together. A robust server cuts at newlines.',
    },
    noNewline: {
      title: 'No newline',
      expect:
        'Send something from elsewhere during the five-second pause, and look at a terminal: where does it appear?',
      why: 'The tutorial’s server relays what it reads without waiting for the newline, so the next header sticks to the same line. The page finds that header and separates the messages. Other servers keep the text until its newline arrives.',
    },
    long: {
      title: '3,000 bytes at once',
      expect: 'Look at a terminal: how many messages appear, and how long are they?',
      why: 'recv(1024) returns at most 1024 bytes: here 1024, 1024 and 952. To the tutorial’s server these are three messages with three headers. A server has to join what belongs together: up to the newline, for example.',
    },
    halfCharacter: {
      title: 'Half a character',
      expect: 'The “ñ” of “mañana” is two bytes, c3 and b1. One goes out, and half a second later the other.',
      warning:
        'The tutorial’s server does not survive it: this connection dies, and the next message stops the whole room. You will have to restart the server.',
      why: 'decode() fails on half a character, and the error ends the thread without taking the client off the list. Sending it the next message fails too, and taking it off then waits for a lock that the same thread holds. The cure: relay bytes, or decode whole lines, and take the client off whatever happens (finally).',
    },
    invalid: {
      title: 'Bytes that are no text',
      expect: 'No UTF-8 text contains c0 or c1. What will the server do with them?',
      warning:
        'The tutorial’s server does not survive it: this connection dies, and the next message stops the whole room. You will have to restart the server.',
      why: 'decode() raises an error on bytes that are not UTF-8, and the program does not catch it. The author of a server does not choose what arrives: decode(errors="replace") puts � in their place.',
    },
    forged: {
      title: 'A forged header',
      expect: 'In a terminal, who seems to have sent it? And on the page?',
      why: 'The message contains a newline and an invented header, and the tutorial’s server relays it as it is: nothing tells it from a real one. A robust server puts the header before each line. The page can only mark those with the address of a browser.',
    },
    reset: {
      title: 'Leave without a goodbye',
      expect: 'RST cuts at once, like a program that crashes. Can the others go on?',
      warning:
        'The tutorial’s server does not survive it: the next messages stop the whole room. You will have to restart the server.',
      why: 'recv() raises an error, and the thread ends without taking the client off the list. The next message to it fails while the lock is held, and taking it off then waits for that same lock: a deadlock. Cleaning up belongs in a finally.',
    },
    readNothing: {
      title: 'Read nothing',
      expect:
        'What happens to the others when someone does not read? Ask someone to paste some megabytes of text.',
      warning:
        'The tutorial’s server stops for everybody once the buffers of the system are full, until you read again: for a minute at most.',
      why: 'What is not read piles up in the buffers of both systems, which hold some megabytes. Once they are full, sendall() waits for this client, and it holds the lock: nobody else can send. A robust server keeps up to a limit, and drops whoever does not read.',
    },
  },
};

const LAB_STRINGS = { es, en };

export function labStrings(): LabStrings {
  return LAB_STRINGS[t.code];
}
