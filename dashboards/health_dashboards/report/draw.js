// Draws each picture from the specification beside it.
const config = JSON.parse(document.getElementById("config").textContent);
const drawn = [...document.querySelectorAll("figure .chart")].map((place) =>
  // `ast`: expressions are interpreted, so the page needs no leave to evaluate code.
  vegaEmbed(place, JSON.parse(place.nextElementSibling.textContent), {
    config, renderer: "svg", actions: false, ast: true,
  }),
);
Promise.all(drawn).then(() => document.body.setAttribute("data-drawn", drawn.length));
