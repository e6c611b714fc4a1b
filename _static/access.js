// 開いたばかりの箱の中にも、キーで来られるようにする。テーマは、画面の幅が変わったときに、横に動く箱を数えなおす。
document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), true);
