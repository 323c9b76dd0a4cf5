import { CLOSE, SUBPROTOCOL, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { gatewayUrl, token } from '../ui/browser-effects.ts';
import type { LabSocket, LabSocketListener } from './lab-client.ts';

export function openLabSocket(listener: LabSocketListener): LabSocket {
  const url = gatewayUrl('/ws/lab');
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const { value } = token;
  const protocols = [SUBPROTOCOL, ...(value === undefined ? [] : [TOKEN_PROTOCOL + value])];
  const socket = new WebSocket(url, protocols);
  socket.onmessage = ({ data }) => listener.onMessage(data);
  socket.onclose = ({ code }) => listener.onClose(code);
  return {
    send: (data) => socket.send(data),
    close: () => socket.close(CLOSE.left),
  };
}
