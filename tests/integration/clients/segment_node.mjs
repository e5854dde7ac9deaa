// Sends a few events with the stock @segment/analytics-node client, as its documentation shows.
// Arguments: host, write key. Prints one line of JSON: what was delivered, and the errors.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, flushAt: 3, maxRetries: 8 });
const delivered = [];
const errors = [];
analytics.on("http_response", ({ response, status }) => delivered.push(response?.status ?? status));
analytics.on("error", (error) => errors.push(String(error.reason ?? error)));

analytics.identify({
  userId: "node-1",
  traits: { email: "li.na@example.com", phone: "+8613800000001", plan: "gold", address: { city: "Suzhou" } },
});
for (let number = 0; number < 10; number += 1) {
  analytics.track({
    userId: "node-1",
    event: "Payment Completed",
    messageId: `node-message-${number}`,
    properties: { amount: number, currency: "CNY" },
  });
}
analytics.page({ userId: "node-1", name: "Home", properties: { url: "https://wallet.example/home" } });
analytics.screen({ anonymousId: "node-anonymous", name: "Welcome" });
analytics.group({ userId: "node-1", groupId: "family-1", traits: { plan: "shared" } });
analytics.alias({ userId: "node-1", previousId: "node-anonymous" });
await analytics.closeAndFlush({ timeout: 20000 });
console.log(JSON.stringify({ delivered, errors }));
