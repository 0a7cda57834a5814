// Makes the announcement pages smooth: counts and shows while one writes, follows what is on its way. They work without.
"use strict";

const PAUSE = 400;
const LOOK = 600;

document.querySelector(".problems")?.focus();

const zone = document.querySelector("[data-zone]");
if (zone?.value === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const writing = document.getElementById("writing");
if (writing) {
  let pause;
  writing.addEventListener("input", (event) => {
    count(event.target);
    clearTimeout(pause);
    pause = setTimeout(show, PAUSE);
  });
}

if (document.querySelector("[data-running]")) setTimeout(look, LOOK);

function count(field) {
  const limit = Number(field.dataset.limit);
  if (!limit) return;
  const used = [...field.value.trim()].length;
  const shown = document.getElementById(`${field.name}-count`);
  shown.textContent = `${used.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
  shown.classList.toggle("over", used > limit);
}

async function show() {
  const body = new URLSearchParams(new FormData(writing));
  body.set("do", "show");
  const page = await asked(writing.getAttribute("action"), { method: "POST", body });
  if (!page) return;
  const open = [...document.querySelectorAll("#shown details")].map((details) => details.open);
  swap("shown", page);
  document.querySelectorAll("#shown details").forEach((details, i) => { details.open = open[i] ?? details.open; });
  document.querySelectorAll(".wrong").forEach((wrong) => {
    const field = document.getElementById(wrong.id.replace(/-wrong$/, ""));
    const text = field.value.trim() || field === document.activeElement ? page.getElementById(wrong.id).textContent : "";
    if (wrong.textContent !== text) wrong.textContent = text;
    field.toggleAttribute("aria-invalid", Boolean(text));
    if (text) field.setAttribute("aria-invalid", "true");
  });
}

async function look() {
  const page = await asked(location.href);
  if (!page || !page.getElementById("progress")) return setTimeout(look, LOOK * 5);
  const totals = document.getElementById("totals");
  const told = page.getElementById("totals").textContent;
  if (totals.textContent !== told) totals.textContent = told;
  document.getElementById("bar").value = page.getElementById("bar").value;
  swap("table", page);
  if (page.querySelector("[data-running]")) return setTimeout(look, LOOK);
  document.getElementById("progress").removeAttribute("data-running");
  document.querySelector("#progress .note").replaceWith(page.querySelector("#progress .note"));
  const focus = document.getElementById("acts").contains(document.activeElement) && document.activeElement.id;
  swap("acts", page);
  if (focus !== false) (document.getElementById(focus) ?? document.getElementById("content")).focus({ preventScroll: true });
}

async function asked(address, options) {
  try {
    const response = await fetch(address, options);
    return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

function swap(id, page) {
  document.getElementById(id).replaceWith(page.getElementById(id));
}
