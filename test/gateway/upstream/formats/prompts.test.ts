import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksForName } from '../../../../gateway/upstream/formats/prompts.ts';

const QUESTIONS = [
  'NICK',
  'SUBMITNAME\n',
  'Name required\n',
  'Please enter your username:\n',
  "What's your name?\r\n",
  'Welcome to budgetchat! What shall I call you?\n',
  'Greetings from the cave! Now type your name and press enter!',
  'Bienvenido\n¿Cuál es tu nombre? ',
  'Escribe tu apodo: ',
  'login: ',
  'Password: ',
  'Contraseña: ',
];

const GREETINGS = [
  '',
  'Hola\n',
  'Hi!\n',
  'Hello!\n',
  'You are 127.0.0.1:4000\n',
  'Welcome to this chatroom',
  'Bem vindo 127.0.0.1:4000\n',
  'Bienvenido, usuario 3\n',
  'Bienvenido a la sala\n¿Qué tal?\n',
  'Escribe tu mensaje: ',
  '<announce> 127.0.0.1 is connected as <user5>.\n<announce> already connected: 127.0.0.1 as <user4>.\n',
  'Ana has entered the room\n',
  'Los nombres se ponen delante, así: <Ana> hola\n',
];

test('prompt detection distinguishes a request for a name from a greeting', () => {
  for (const text of QUESTIONS) assert.ok(asksForName(text), text);
  for (const text of GREETINGS) assert.ok(!asksForName(text), text);
});
