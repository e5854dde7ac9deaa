// Runs before the page is drawn: says that scripts run; where the person left the theme to the device, follow the device.

const root = document.documentElement;
root.classList.add("has-script");

if (root.dataset.theme === "auto") {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
}
