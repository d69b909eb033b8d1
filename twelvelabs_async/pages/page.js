"use strict";
{
  const find = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll("a.card")];
  const player = find("player");
  const video = player.querySelector("video");
  const HLS_TYPE = "application/vnd.apple.mpegurl";
  let current = null; // card in the player
  let loaded = null; // URL in the player
  let hls = null; // hls.js, while it plays a stream
  let end = Infinity; // second at which the player stops
  let timer = 0;

  // The player.

  function load(url, isStream, start) {
    hls?.destroy();
    hls = null;
    loaded = url;
    if (isStream && !video.canPlayType(HLS_TYPE) && window.Hls?.isSupported()) {
      // A worker would be a script that the policy does not allow.
      hls = new Hls({ enableWorker: false, startPosition: start });
      hls.on(Hls.Events.ERROR, (_, error) => error.fatal && fail());
      hls.loadSource(url);
      hls.attachMedia(video);
    } else {
      video.src = url;
    }
  }

  function show(card) {
    const url = new URL(card.href);
    const times = url.hash.slice("#t=".length).split(",").map(parseFloat);
    url.hash = "";
    current = card;
    find("player-title").textContent = titleOf(card);
    find("player-time").textContent = card.querySelector("time")?.textContent ?? "";
    find("player-text").textContent = card.querySelector(".text")?.textContent ?? "";
    find("player-error").textContent = "";
    if (!player.open) player.showModal();
    const start = times[0] || 0;
    if (loaded !== url.href) load(url.href, card.classList.contains("stream"), start);
    end = times[1] ?? Infinity;
    video.currentTime = start; // before the video is loaded, this is where it begins
    video.play().catch(() => {}); // the browser may leave it to the user
  }

  function titleOf(card) {
    const own = card.querySelector("strong:not(.file)")?.textContent;
    const file = (card.querySelector(".file") ?? card.closest("section")?.querySelector("h2"))?.textContent;
    return [file, own].filter(Boolean).join(" · ");
  }

  function fail() {
    if (player.open) find("player-error").textContent = "The video cannot be played. Its URL may have expired.";
  }

  function stopAtEnd() {
    clearTimeout(timer);
    const left = end - video.currentTime;
    if (left <= 0) {
      video.pause();
      end = Infinity; // who plays on sees what follows
    } else if (left < 1 && !video.paused) {
      timer = setTimeout(stopAtEnd, (left * 1000) / video.playbackRate); // the event comes four times a second
    }
  }

  function step(direction) {
    const playable = cards.filter((card) => card.href && isShown(card));
    const next = playable[playable.indexOf(current) + direction];
    if (next) show(next);
  }

  video.addEventListener("error", fail);
  video.addEventListener("timeupdate", stopAtEnd);
  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  player.addEventListener("click", (event) => event.target === player && player.close());
  player.addEventListener("close", () => {
    video.pause();
    current.focus();
  });
  player.addEventListener(
    "keydown",
    (event) => {
      const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (direction) step(direction);
      else if (event.key === " " && event.target.tagName !== "BUTTON") video.paused ? video.play() : video.pause();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  // The cards.

  const isShown = (card) => !card.parentElement.hidden;

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const point = event.target.closest(".points a");
    const card = point ? find(point.getAttribute("href").slice(1)) : event.target.closest("a.card");
    if (!card) return;
    event.preventDefault();
    if (card.href) show(card);
    else card.scrollIntoView({ block: "center" });
  });

  function neighbor(card, key) {
    const focusable = cards.filter((other) => other.href && isShown(other));
    const position = focusable.indexOf(card);
    if (key === "Home") return focusable[0];
    if (key === "End") return focusable.at(-1);
    if (key === "ArrowLeft") return focusable[position - 1];
    if (key === "ArrowRight") return focusable[position + 1];
    const from = card.getBoundingClientRect();
    const behind = key === "ArrowUp" ? focusable.slice(0, Math.max(position, 0)).reverse() : focusable.slice(position + 1);
    let best = null;
    let row = null;
    for (const other of behind) {
      const rect = other.getBoundingClientRect();
      if (Math.abs(rect.top - from.top) < 2) continue;
      row ??= rect.top;
      if (Math.abs(rect.top - row) >= 2) break;
      if (!best || Math.abs(rect.left - from.left) < Math.abs(best.getBoundingClientRect().left - from.left)) best = other;
    }
    return best;
  }

  document.addEventListener("keydown", (event) => {
    const focused = document.activeElement;
    if (player.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && focused !== filter) {
      filter.focus();
    } else if (event.key === "Escape" && focused === filter) {
      filter.value = "";
      applyFilter();
      filter.blur();
    } else if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
      const isTyping = focused === filter && event.key !== "ArrowDown";
      if (isTyping || !(focused.matches("a.card") || focused === filter || event.key.startsWith("ArrowR"))) return;
      const next = focused.matches("a.card") ? neighbor(focused, event.key) : cards.find((card) => card.href && isShown(card));
      if (!next) return;
      next.focus();
    } else {
      return;
    }
    event.preventDefault();
  });

  // The filter.

  const filter = find("filter");
  let texts = null;

  function applyFilter() {
    texts ??= cards.map((card) => `${titleOf(card)} ${card.textContent}`.toLowerCase());
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    cards.forEach((card, position) => {
      const isMatch = words.every((word) => texts[position].includes(word));
      card.parentElement.hidden = !isMatch;
      shown += isMatch;
    });
    for (const section of document.querySelectorAll("section")) {
      section.hidden = words.length > 0 && !section.querySelector("li:not([hidden])");
    }
    document.querySelector("main").classList.toggle("filtered", words.length > 0);
    find("count").textContent = words.length ? `${shown.toLocaleString("en")} shown` : "";
  }

  filter.parentElement.hidden = false;
  filter.addEventListener("input", applyFilter);

  // Files whose picture is not there show a frame while they are in view.

  const frames = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const picture = target.querySelector(".picture");
        picture.querySelector("video")?.remove();
        if (!isIntersecting) continue;
        const frame = document.createElement("video");
        Object.assign(frame, { muted: true, preload: "metadata", src: target.href, tabIndex: -1 });
        frame.setAttribute("aria-hidden", "true");
        picture.prepend(frame);
      }
    },
    { rootMargin: "100px" },
  );

  function replacePicture(image) {
    const card = image.closest("a.card.file");
    image.remove();
    if (card) frames.observe(card);
  }

  document.querySelectorAll("a.card.file:not(:has(img))").forEach((card) => frames.observe(card));
  document.querySelectorAll("img").forEach((image) => {
    if (image.complete && !image.naturalWidth && image.currentSrc) replacePicture(image);
  });
  document.addEventListener("error", (event) => event.target.matches("img") && replacePicture(event.target), true);
}
