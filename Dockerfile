# One image for both services: the room (dist/tcp-server/main.js) and the gateway (dist/gateway/main.js).

FROM node:24-bookworm-slim AS build
WORKDIR /app
# The dependencies first: they change seldom, and are kept between builds.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    DATA_DIR=/data \
    INVITE_LAN=false
WORKDIR /app
# A volume mounted here for the first time takes over its owner.
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 8080 12345
# The exec form: node itself gets the signals, and leaves the room in order.
CMD ["node", "dist/gateway/main.js"]
