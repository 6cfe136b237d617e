// Printing of instances by hosts: in one line, under a name that no bundler shortens.

/** Symbols of the methods that Node, Bun and Deno call to print a value. */
const HOOKS = [Symbol.for("nodejs.util.inspect.custom"), Symbol.for("Deno.customInspect")];

/** Keeps the name of a class, which stack traces show, where a bundler shortens it. */
export function keepName(type: object, name: string): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
}

/**
 * Keeps the name of a class, and prints its instances as `Name(about)`. Printing never throws, not even for a broken
 * instance.
 */
export function printAs<T extends object>(
  type: { readonly prototype: T },
  name: string,
  about: (instance: T) => string,
): void {
  keepName(type, name);
  const print = function (this: T): string {
    try {
      return `${name}(${about(this)})`;
    } catch (error) {
      const isDisposed = (error as { readonly code?: unknown } | null)?.code === "disposed";
      return `${name}(${isDisposed ? "disposed" : "…"})`;
    }
  };
  for (const hook of HOOKS) {
    Object.defineProperty(type.prototype, hook, { value: print, configurable: true, writable: true });
  }
}

/** Returns a count with its noun: `1 output`, `1,234 parameters`. */
export function counted(count: number, noun: string): string {
  const digits = String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${digits} ${noun}${count === 1 ? "" : "s"}`;
}
