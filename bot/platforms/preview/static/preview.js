// Makes the page smooth: sends the forms in the background and puts what is new in place. Without it they still work.
"use strict";

const question = document.getElementById("question");
const lines = document.getElementById("lines");
const trouble = document.getElementById("trouble");
const news = document.getElementById("news");
let sending = false;

document.getElementById("keys").hidden = false;
document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
question.focus({ preventScroll: true });
question.setSelectionRange(question.value.length, question.value.length);
if (!location.hash) lines.lastElementChild?.scrollIntoView({ behavior: "instant", block: "end" });

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-smooth]")) return;
  event.preventDefault();
  if (!sending) send(event.target, event.submitter);
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) copied(copy);
  document.querySelectorAll(".setting[open]").forEach((setting) => {
    if (!setting.contains(event.target)) setting.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  const setting = event.key === "Escape" && document.querySelector(".setting[open]");
  if (setting) {
    setting.open = false;
    setting.querySelector("summary").focus();
  }
});

question.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    question.form.requestSubmit();
  }
  if (event.key === "ArrowUp" && question.value === question.defaultValue) {
    const last = [...document.querySelectorAll("[data-said]")].pop();
    if (!last) return;
    event.preventDefault();
    question.value = last.textContent;
  }
});

async function send(form, submitter) {
  sending = true;
  trouble.textContent = "";
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.set(submitter.name, submitter.value);
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.ok) show(page, form);
    else trouble.textContent = page.getElementById("refusal")?.textContent ?? trouble.dataset.unreachable;
  } catch {
    trouble.textContent = trouble.dataset.unreachable;
  }
  sending = false;
}

function show(page, form) {
  const [added, removed] = merge(page);
  document.getElementById("day").replaceWith(page.getElementById("day"));
  document.querySelectorAll(".setting[open]").forEach((setting) => { setting.open = false; });
  document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  const heard = added.map((line) => line.querySelector(".message")).filter(Boolean);
  news.replaceChildren(...heard.map(spoken));
  if (removed && !heard.length) news.textContent = news.dataset.removed;
  added.find((line) => !line.matches(".divider"))?.scrollIntoView({ block: "start" });
  if (form.matches("[data-ask]")) question.value = question.defaultValue;
  if (form.dataset.focus) document.querySelector(`#${form.dataset.focus} > summary`).focus();
  else if (form.contains(question) || !form.isConnected || form.matches(".chips")) question.focus({ preventScroll: true });
}

function merge(page) {
  const added = [];
  let before = null;
  const gone = [...lines.children].filter((line) => !page.getElementById(line.id));
  gone.forEach((line) => line.remove());
  [...page.getElementById("lines").children].forEach((line) => {
    const known = document.getElementById(line.id);
    if (!known) {
      line.classList.add("fresh");
      if (before) before.after(line);
      else lines.prepend(line);
      added.push(line);
    }
    before = known ?? line;
  });
  return [added, gone.length];
}

function spoken(message) {
  const copy = document.createElement("p");
  const parts = message.querySelectorAll(":scope > :is(h3, h4, p:not(.note, .link), .steps)");
  copy.textContent = [...parts].map((part) => part.textContent.trim()).join("\n");
  return copy;
}

async function copied(button) {
  const code = button.closest("section").querySelector("pre");
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = button.dataset.marked;
  }
  setTimeout(() => { button.textContent = label; }, 2000);
}
