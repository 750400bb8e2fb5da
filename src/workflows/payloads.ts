/** What comes into a workflow, read so that nothing can stop it: a Signal that cannot be read would fail its task again and again. */
import {
  DefaultPayloadConverter,
  type ConverterHint,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';

/** Fits no message: whoever gets it refuses it. */
const UNREADABLE = 'This could not be read.';

class Patient extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    try {
      return super.fromPayload(payload, context, hint);
    } catch {
      return UNREADABLE as T;
    }
  }
}

export const payloadConverter = new Patient();
