// Tells every sender the id of its connection.
export async function handler(event) {
  return { statusCode: 200, body: event.requestContext.connectionId };
}
