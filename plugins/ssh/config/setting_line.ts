/** `Name=Value` as a line of ssh's configuration. */
export function settingLine(setting: string): string {
  const at = setting.indexOf("=");
  return `  ${setting.slice(0, at)} ${setting.slice(at + 1)}\n`;
}
