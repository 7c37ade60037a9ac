// One panel's points in WebGL 2. Places, groups and shades are uploaded apart, each only when it changes.
const VERTEX = `#version 300 es
in vec2 place; in float group; in float faded;
uniform vec2 centre; uniform vec2 factor; uniform float size; uniform float fading; uniform vec4 shade;
uniform sampler2D palette;
out vec4 colour;
void main() {
  if (faded != fading) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0; return; }
  gl_Position = vec4((place - centre) * factor, 0.0, 1.0);
  gl_PointSize = size;
  colour = fading > 0.5 ? shade : vec4(texelFetch(palette, ivec2(int(group), 0), 0).rgb, 0.85);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour; uniform float size; out vec4 pixel;
void main() {
  float edge = 1.2 / size;
  float alpha = colour.a * (1.0 - smoothstep(0.5 - edge, 0.5, length(gl_PointCoord - 0.5)));
  pixel = vec4(colour.rgb * alpha, alpha);
}`;

class PointLayer {
  // Throws when the browser has no WebGL 2.
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, depth: false });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.canvas = canvas;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error("no WebGL 2 shaders");
    gl.useProgram(program);
    this.uniform = (name) => gl.getUniformLocation(program, name);
    this.attribute = (name) => gl.getAttribLocation(program, name);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    this.buffers = {};
    this.n = 0;
  }

  upload(name, array, size, type) {
    const { gl } = this;
    this.buffers[name] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    const at = this.attribute(name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, false, 0, 0);
  }

  places(points) {
    this.n = points.length / 2;
    this.upload("place", points, 2, this.gl.UNSIGNED_SHORT);
    this.fade(new Uint8Array(this.n));
  }

  groups(groups, colours) {
    const { gl } = this;
    this.upload("group", groups, 1, gl.UNSIGNED_BYTE);
    const palette = new Uint8Array(256 * 4).fill(128);
    colours.forEach((c, g) => palette.set([1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)), 4 * g));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
  }

  // Uint8Array [n]: 1 for the points in the background
  fade(faded) {
    this.any = faded.includes(1);
    this.upload("faded", faded, 1, this.gl.UNSIGNED_BYTE);
  }

  // w, h in CSS pixels; centre in the points' units; k pixels a unit; radius in CSS pixels; shade rgb of the background
  draw(w, h, centre, k, radius, shade) {
    const { gl, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.uniform("centre"), ...centre);
    gl.uniform2f(this.uniform("factor"), (2 * k) / w, (2 * k) / h);
    gl.uniform1f(this.uniform("size"), Math.max(2, 2 * radius * ratio));
    gl.uniform4f(this.uniform("shade"), ...shade, shade[1] > 0.5 ? 0.06 : 0.13); // light dots on dark ground add up
    for (const fading of this.any ? [1, 0] : [0]) {
      gl.uniform1f(this.uniform("fading"), fading);
      gl.drawArrays(gl.POINTS, 0, this.n);
    }
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
