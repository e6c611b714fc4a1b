/*! Bootstrap 5.3.3 (https://getbootstrap.com/), Copyright 2011-2024 The Bootstrap Authors; Popper 2.11.8 (https://popper.js.org/), Copyright 2019 Federico Zivolo: MIT */
// この本のページで働く部品。ほかの部品の多くは、何かが押されるたびに、自分の相手をページじゅうに探すので、入れない。
export { default as Dropdown } from "./node_modules/bootstrap/js/src/dropdown.js";
export { default as ScrollSpy } from "./node_modules/bootstrap/js/src/scrollspy.js";
export { default as Tooltip } from "./node_modules/bootstrap/js/src/tooltip.js";
