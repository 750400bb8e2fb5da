/** The answer of a gate whose attempt ends: none. The call stays pending until its process is gone. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});
