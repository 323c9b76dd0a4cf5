import type { CheckTexts, ProcessEnd } from './check-texts.ts';

function ending({ code, signal }: ProcessEnd): string {
  return signal === null ? `con el código ${code}` : `por ${signal}`;
}

export const SPANISH: CheckTexts = {
  checks: {
    start: {
      title: 'El servidor arranca y escucha',
      sent: 'Se ejecutó la orden y un cliente se conectó al puerto.',
      why: 'Un cliente solo puede conectarse mientras un programa escucha en el puerto.',
      mend:
        'Lee las últimas líneas de la salida. Llama a bind, listen y accept en este orden, en el puerto que usa la ' +
        'comprobación: --port indica otro, y {port} en la orden toma uno libre.',
    },
    answer: {
      title: 'Un mensaje tiene respuesta',
      sent: 'Se conectaron tres clientes. Cada uno escribió una línea, y el primero otra más.',
      why: 'Un chat pasa a los demás lo que escribe un cliente. Un servidor de eco se lo devuelve.',
      mend: 'Tras accept, lee de la conexión en un bucle y escribe lo leído antes de volver a leer.',
    },
    concurrency: {
      title: 'Atiende a varios clientes a la vez',
      sent: 'Se conectaron cuatro clientes. El primero calló. Los otros hablaron por turnos.',
      why:
        'Un programa que espera en el recv de un cliente no hace nada por los demás. Parecen conectados, porque el ' +
        'sistema acepta por el servidor, pero nadie lee su texto.',
      mend: 'Da un hilo a cada conexión, o vigílalas todas con select o un bucle de eventos.',
    },
    broadcast: {
      title: 'Un mensaje llega a todos los demás',
      sent: 'Se conectaron cuatro clientes. Uno escribió una línea.',
      why: 'En una sala todos reciben cada mensaje. Que lo reciba también quien habla es una decisión tuya.',
      mend:
        'Guarda una lista de todas las conexiones. Añade cada conexión tras accept y escribe cada mensaje a todas las ' +
        'demás. Protege la lista con un candado si la usan varios hilos.',
    },
    sender: {
      title: 'Cada mensaje dice quién lo envía',
      sent: 'Dos clientes escribieron dos líneas cada uno. Un tercero comparó lo que había antes del texto.',
      why:
        'Quien lee debe saber quién habla. En un mismo ordenador todos los clientes tienen la misma IP, así que hay ' +
        'que mostrar también el puerto.',
      mend: 'accept devuelve la dirección del cliente, IP y puerto. Escribe las dos antes de cada mensaje suyo.',
    },
    order: {
      title: 'Todos reciben los mensajes en el mismo orden',
      sent: 'Tres clientes escribieron 20 líneas cada uno a la vez. Otros dos compararon el orden.',
      why: 'Si dos personas leen pregunta y respuesta en distinto orden, no están en la misma conversación.',
      mend:
        'Mantén el candado durante toda la vuelta a la lista, para que un mensaje llegue a todos antes que el ' +
        'siguiente.',
    },
    glued: {
      title: 'Distingue mensajes que llegan juntos',
      sent: 'Un cliente escribió tres líneas en una sola escritura.',
      why:
        'TCP es un flujo de bytes y no guarda fronteras: un recv puede traer varios mensajes. Si el servidor los toma ' +
        'por uno, solo el primero tiene remitente. Pasa a diario al escribir rápido o al pegar texto.',
      mend: 'Junta los bytes de cada cliente y toma un mensaje por cada salto de línea.',
    },
    cut: {
      title: 'Un mensaje que llega en partes queda entero',
      sent: 'Ana escribió media línea. Luis escribió una entera. Después Ana escribió el resto de la suya.',
      why:
        'Un recv también puede traer medio mensaje. Si las mitades se pasan según llegan, el mensaje de otro cae en ' +
        'medio, y la segunda mitad queda sin remitente o parece otro mensaje.',
      mend: 'Guarda lo que llegó tras el último salto de línea y ponlo delante de los siguientes bytes de ese cliente.',
    },
    newline: {
      title: 'Texto sin salto de línea: ¿ya, o más tarde?',
      sent: 'Un cliente escribió un texto sin salto de línea.',
      why: 'A los clientes que no envían saltos de línea solo se les oye si el servidor no los espera.',
      mend: 'Las dos cosas valen. Escribe cuál es tu protocolo, y haz que el cliente lo cumpla.',
    },
    long: {
      title: 'Llega un mensaje de 5.000 bytes',
      sent: 'Un cliente escribió una línea de 5.000 bytes.',
      why: 'Un recv de 1024 bytes ve cinco trozos. Y un send puede escribir solo una parte de sus bytes.',
      mend: 'Lee hasta el salto de línea, y escribe con sendall o repite la escritura con el resto.',
    },
    characters: {
      title: 'Los caracteres partidos en dos llegan enteros',
      sent: 'Un cliente escribió «mañana» en dos escrituras, con el corte dentro de la ñ, y luego 1.500 eñes en una línea.',
      why:
        'La ñ son dos bytes en UTF-8; un emoji, cuatro. El límite de un recv puede caer entre ellos. Entonces ' +
        'decodificar da un error o muestra un carácter equivocado.',
      mend:
        'Decodifica líneas enteras, o usa un decodificador que guarde medio carácter para después. Los bytes que se ' +
        'pasan sin decodificar quedan enteros solo si ninguna cabecera cae entre ellos.',
    },
    invalid: {
      title: 'Los bytes no válidos no afectan a los demás',
      sent: 'Un tercer cliente escribió los bytes FF FE C3 28, que no son texto. Los otros siguieron.',
      why:
        'Cualquiera puede enviar cualquier byte, también sin querer: un navegador o un escáner que da con el puerto. ' +
        'Si decodificar lanza un error, acaba el bucle de este cliente. Si el cliente sigue en la lista, falla el ' +
        'siguiente envío a él, y puede pararse la sala entera.',
      mend:
        'Sustituye lo que no se pueda decodificar. Y captura los errores de cada cliente en su propio bucle: hay que ' +
        'sacarlo de la lista acabe como acabe.',
    },
    'half-close': {
      title: 'Se oyen las últimas palabras de quien se va',
      sent: 'Un cliente escribió una línea, cerró enseguida su lado (FIN) y esperó el final.',
      why:
        'Es lo que hace `printf hola | nc HOST PUERTO`. Una lectura vacía significa que el cliente ha terminado. Si el ' +
        'servidor no cierra su lado, el cliente espera y queda una conexión muerta (CLOSE_WAIT).',
      mend: 'Pasa lo leído antes de la lectura vacía. Después saca al cliente de la lista y cierra la conexión.',
    },
    leave: {
      title: 'Quien se va sale de la lista',
      sent: 'Cinco clientes se conectaron y se fueron con educación (FIN). Los otros siguieron.',
      why: 'Una conexión terminada que sigue en la lista hace fallar una escritura posterior, y gasta memoria y archivos.',
      mend: 'Cuando una lectura venga vacía, saca la conexión de la lista y ciérrala. Hazlo en un bloque finally.',
    },
    reset: {
      title: 'Una conexión rota no afecta a los demás',
      sent: 'Un tercer cliente cortó su conexión (RST), como un programa que se cae. Los otros siguieron.',
      why:
        'Los portátiles se duermen, los programas se caen, la red falla. Entonces recv y send lanzan un error en vez ' +
        'de volver. Si el error deja al cliente en la lista, rompe la siguiente difusión. Y quien lo saca cuando ya ' +
        'tiene el candado se espera a sí mismo: la sala se para para siempre (un interbloqueo).',
      mend:
        'Captura el error de cada conexión. Saca al cliente en un bloque finally. No tomes un candado que ya tienes: ' +
        'apunta los clientes rotos durante la vuelta y quítalos sin volver a bloquear.',
    },
    'slow-reader': {
      title: 'Un cliente que no lee no detiene a nadie',
      sent: 'Un cliente dejó de leer. Otros tres inundaron la sala con hasta 12 MiB, y dos conversaron.',
      why:
        'Un móvil dormido no lee. Pronto se llenan los búferes del sistema y sendall espera a ese cliente. Si espera ' +
        'con el candado tomado, en el hilo de cada cliente que habla o en el bucle que atiende a todos, un móvil ' +
        'dormido para la sala entera.',
      mend:
        'Da a cada cliente una cola con límite y un hilo que la escriba, y expulsa al cliente que la llene. En un ' +
        'bucle con select, haz que las conexiones no bloqueen y escribe la cola cuando select diga que se puede. O ' +
        'pon un plazo a los envíos y expulsa al cliente que lo supere.',
    },
    burst: {
      title: 'Caben 50 clientes que llegan a la vez',
      sent: 'Se conectaron 50 clientes en el mismo instante, mientras el servidor no tenía tiempo de aceptar.',
      why:
        'Hasta que se llama a accept, las conexiones nuevas esperan en una cola tan larga como diga listen; Linux ' +
        'añade un sitio. Si está llena, las demás no reciben respuesta y prueban de nuevo a los 1, 3 y 7 segundos. ' +
        'Una clase entra de golpe.',
      mend: 'Pide una cola más larga en listen, y no hagas nada lento entre dos llamadas a accept.',
    },
    many: {
      title: '200 clientes reciben un mensaje',
      sent: 'Se conectaron 200 clientes, unos tras otros. Otro escribió una línea.',
      why: 'Los límites de hilos, archivos o clientes solo se ven con muchos.',
      mend: 'Busca un límite en el código o en el sistema (ulimit -n), y cierra las conexiones de quienes se fueron.',
    },
    stop: {
      title: 'Ctrl-C detiene el servidor',
      sent: 'Había dos clientes conectados. El servidor recibió SIGINT, como con Ctrl-C.',
      why: 'Un servidor que no se deja parar conserva su puerto, y alguien lo mata: así nadie recibe una despedida.',
      mend: 'Haz que los hilos acaben con el programa (hilos daemon), o cierra todas las conexiones antes de esperarlos.',
    },
    restart: {
      title: 'El servidor vuelve a arrancar enseguida',
      sent: 'Había dos clientes conectados. Se mató el servidor y se arrancó otra vez en el mismo puerto.',
      why:
        'El lado que cierra primero conserva sus conexiones un minuto (TIME_WAIT). Sin SO_REUSEADDR el sistema no da ' +
        'el puerto en ese tiempo: «Address already in use».',
      mend: 'Pon SO_REUSEADDR en el socket que escucha, antes de bind.',
    },
  },
  facts: {
    listens: (port) => `Un servidor escucha en el puerto ${port}.`,
    endedAtStart: (end) => `La orden terminó ${ending(end)} antes de abrir el puerto.`,
    noSuchCommand: (command) => `No se pudo ejecutar la orden ${command}.`,
    notListening: (port, seconds) =>
      `Nada escuchaba en el puerto ${port} tras ${seconds} s. Si el servidor usa otro, indícalo con --port.`,
    portInUse: (port) =>
      `El puerto ${port} ya está ocupado. Detén el servidor que lo usa, o comprueba ese: tertulia check 127.0.0.1:${port}`,
    portKept: (port) =>
      `Ningún programa responde en el puerto ${port}, pero lo retienen un minuto las conexiones de un servidor que se paró.`,
    unreachable: (address) => `No responde ningún servidor en ${address}.`,
    notConnected: (seconds) => `Un cliente no pudo conectarse en ${seconds} s.`,

    serverEnded: (end) => `El servidor terminó ${ending(end)}.`,
    frozen: (seconds) =>
      `Después no llegó ningún mensaje en ${seconds} s, aunque el servidor sigue en marcha: la sala está parada.`,
    unserved: (name) =>
      `Los clientes nuevos se oyen entre sí, pero el servidor ya no atiende la conexión de ${name}, y no la ha cerrado.`,
    closedOn: (name) => `El servidor cerró la conexión de ${name}, que no había hecho nada malo.`,
    notReceived: (name, seconds) => `${name} no recibió el mensaje en ${seconds} s.`,

    reachedOthers: 'El mensaje llegó a otro cliente: es una sala de chat.',
    cameBack: 'El mensaje volvió a quien lo envió: es un servidor de eco.',
    noAnswer: 'Nadie recibió nada.',
    servedAll: (count) => `Se atendió a ${count} clientes a la vez.`,
    notServed: (name, seconds) =>
      `${name} no recibió nada en ${seconds} s, mientras el primer cliente estaba conectado.`,
    heardByAll: (count, isEchoed) =>
      `Lo recibieron los otros ${count}. Quien habló ${isEchoed ? 'también lo recibió' : 'no lo recibió'}.`,
    heardBySome: (heard, count) => `Lo recibieron ${heard} de los otros ${count}.`,
    onlyEcho: 'Solo lo recibió quien habló. Los demás, no.',

    showsAddress: (header) => `Cada mensaje va detrás de la dirección de quien lo envía: ${header}`,
    showsName: (header) => `Cada mensaje va detrás de un nombre de quien lo envía: ${header}`,
    showsNoSender: 'El servidor pasa los mensajes tal cual. Quien lee no puede ver quién habla.',
    showsWrongAddress: (header, address) =>
      `Un mensaje de ${address} iba detrás de otra dirección: ${header}`,
    notInFormat: (format, name, line) => `Un mensaje de ${name} no tiene el formato ${format}: ${line}`,
    showsSame: (header) => `Los mensajes de los dos clientes iban detrás de la misma cabecera: ${header}`,

    sameOrder: (count) => `Los dos recibieron los ${count} mensajes en el mismo orden.`,
    otherOrder: (first, second) =>
      `El orden no es el mismo: donde uno recibió ${first}, el otro recibió ${second}.`,
    lostMessages: (heard, count) => `Llegaron ${heard} de ${count} mensajes.`,

    eachWithSender: (count) => `Llegaron los ${count} mensajes, cada uno con su remitente.`,
    eachWhole: (count) => `Llegaron los ${count} mensajes.`,
    withoutSender: (missing, count, shown) =>
      `${missing} de ${count} mensajes no tenían remitente. Llegó: ${shown}`,
    cutTogether: 'La línea llegó entera, y la otra a su lado.',
    cutInPieces: (shown) => `La línea llegó en dos trozos, cada uno con su remitente. Llegó: ${shown}`,
    cutMixed: (shown) => `Los mensajes se mezclaron. Llegó: ${shown}`,
    sentAtOnce: 'El servidor pasa el texto enseguida y no espera un salto de línea.',
    waitsForNewline: (seconds) =>
      `El servidor esperó el salto de línea más de ${seconds} s. A un cliente que no lo envía, como el del tutorial, no se le oye.`,
    longWhole: (bytes) => `Los ${bytes} bytes llegaron de una pieza.`,
    longInPieces: (bytes, pieces) =>
      `Los ${bytes} bytes llegaron en ${pieces} mensajes, cada uno con su remitente. Quien lee ve ${pieces} líneas.`,
    longIncomplete: (bytes, received) =>
      `La línea de ${bytes} bytes no llegó como se envió: se recibieron ${received} bytes.`,
    charactersWhole: 'Todos los caracteres llegaron como se enviaron.',
    charactersDamaged: (shown) => `Se dañaron caracteres. Llegó: ${shown}`,
    invalidSurvived: (isClosed) =>
      `El servidor ${isClosed ? 'cerró' : 'mantuvo'} esa conexión, y los demás siguieron.`,

    closedAfterText: 'El texto llegó, y el servidor cerró su lado.',
    textLost: (seconds) => `El texto no llegó en ${seconds} s: el servidor lo tiró al acabar la entrada.`,
    notClosed: (open, count, seconds) =>
      `El servidor dejó sin cerrar ${open} de ${count} conexiones tras ${seconds} s.`,
    closedAll: (count) => `El servidor cerró las ${count} conexiones, y los demás siguieron.`,
    goesOn: 'Los demás siguieron, y se oyó a un cliente nuevo.',

    floodSurvived: (mebibytes, isDropped) =>
      `Pasaron ${mebibytes.replace('.', ',')} MiB y los demás siguieron${isDropped ? '. El servidor expulsó al cliente que no leía' : ''}.`,
    floodFroze: (mebibytes, seconds) =>
      `Tras ${mebibytes.replace('.', ',')} MiB nadie recibió nada en ${seconds} s: la sala está parada.`,
    burstQueued: (count) => `Los ${count} cupieron en la cola.`,
    burstOverflow: (queued, count) =>
      `Cupieron en la cola ${queued} de ${count}. Los demás no tuvieron respuesta y debían probar de nuevo.`,
    burstArrived: (count, slow) =>
      slow === 0
        ? `Los ${count} se conectaron enseguida, y se les oyó.`
        : `Se oyó a los ${count}, pero ${slow} esperaron un segundo o más por un sitio en la cola.`,
    burstLost: (arrived, count, seconds) => `Se oyó a ${arrived} de ${count} en ${seconds} s.`,
    manyHeard: (count) => `Los ${count} recibieron el mensaje.`,
    manyLost: (heard, count) => `Recibieron el mensaje ${heard} de ${count}.`,

    stopped: (end) => `El servidor terminó ${ending(end)} y cerró las conexiones con educación (FIN).`,
    stoppedByReset: (end) =>
      `El servidor terminó ${ending(end)}, pero cortó una conexión en vez de cerrarla (RST).`,
    notStopped: (seconds) =>
      `El servidor seguía en marcha ${seconds} s después de Ctrl-C. Espera a que se vayan sus clientes, o no atiende la señal.`,
    restarted: (milliseconds) => `Volvió a escuchar a los ${milliseconds} ms.`,

    needsRoom: 'Solo se puede ver cuando los mensajes llegan a otros clientes. Arregla antes broadcast.',
    needsMany: 'Solo se puede ver cuando se atiende a varios clientes a la vez. Arregla antes concurrency.',
    needsServer: 'No hay ningún servidor al que preguntar.',
    noTimeLeft: (seconds) => `Se acabó el tiempo de la comprobación entera, ${seconds} s.`,
    needsOwnServer: 'Detiene el servidor, así que necesita uno que arranque la propia orden.',
    needsPermission: 'Mata a algunos servidores, así que necesita --destructive.',
    needsSignals: 'Windows no tiene esta señal.',
    hasFrames: 'Aquí los mensajes son tramas, que no acaban en un salto de línea.',
  },
  report: {
    status: { passed: 'bien', failed: 'MAL', noted: 'nota', skipped: 'omitida' },
    checking: (target, count, seconds) => `Comprobando ${target}: ${count} pruebas, ${seconds} s como mucho.`,
    writesIntoRoom: 'Las pruebas escriben mensajes en la sala, que puede leer quien esté en ella.',
    leavesOut: (ids) => `Se omiten, porque pueden matar un servidor: ${ids.join(', ')}.`,
    mayKill: (ids) => `Estas pruebas pueden matar el servidor: ${ids.join(', ')}.`,
    sent: 'Envío',
    seen: 'Visto',
    printed: 'Escribió',
    why: 'Por qué',
    mend: 'Arreglo',
    names: { python: 'Python', java: 'Java', node: 'Node', c: 'C' },
    summary: ({ passed, failed, noted, skipped }) =>
      `${passed} bien, ${failed} mal, ${noted} con nota, ${skipped} omitidas.`,
    points: (earned, total) => `Puntos: ${earned} de ${total}`,
    noted: 'Notas: no son errores, pero conviene saberlo',
    usage: `Comprueba un servidor de chat en cualquier lenguaje y explica lo que ha visto.

  tertulia check -- python3 server.py       arranca él el servidor, en el 12345
  tertulia check -- ./server {port}         lo mismo en un puerto libre
  tertulia check 127.0.0.1:12345            un servidor que ya está en marcha

  --port N             el puerto en el que escucha la orden (12345)
  --only ID,ID         solo estas pruebas       --lesson N   las de una lección
  --weights ID=N,...   otros puntos por prueba
  --destructive        también pruebas que pueden matar un servidor en marcha
  --format FORMATO     cómo habla el servidor: un nombre, una plantilla o learn
  --code LENG,...      líneas de código en python, java, node, c
  --json               informe para programas   --junit ARCH lo mismo para CI

El código de salida es el número de pruebas mal; 64, un error en los argumentos.`,
    needsTarget: 'tertulia check necesita HOST:PUERTO, o -- y una orden: tertulia check -- python3 server.py',
    unknownCheck: (id) => `Prueba desconocida: ${id}.`,
    badLesson: (text) => `--lesson ${text}: debe ser un número del 1 al 6.`,
    badWeight: (text) => `--weights ${text}: debe ser ID=NÚMERO, por ejemplo reset=5.`,
    badPort: (text) => `--port ${text}: debe ser un número del 1 al 65535.`,
    badTarget: (text) => `${text}: debe ser HOST:PUERTO, por ejemplo 192.168.1.20:12345.`,
    badCode: (text) => `--code ${text}: debe ser alguno de python, java, node, c.`,
    unknownFlag: (flag) => `Opción desconocida: ${flag}.`,
    needsValue: (flag) => `A ${flag} le falta un valor.`,
    notLearned: 'No se ha aprendido cómo hablar con el servidor. Las pruebas lo buscan por su cuenta.',
    notWritten: (file, reason) => `No se pudo escribir ${file}: ${reason}`,
  },
};
