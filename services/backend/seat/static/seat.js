/* Comfort only: every page works without it. Plain ES5, for old browsers.
   Counting clocks, previews of photos, the position button, one submission at a time, and a form that could not
   be sent: it stays on the page and in this browser, with the ids that make it the same command. */
(function () {
  'use strict';
  var main = document.getElementById('main');
  var KEEP_MS = 7 * 86400000;
  var FILE_BYTES = 20 * 1024 * 1024;
  var IDS = ['command_id', 'case_id', 'base_xver', 'seen_at'];

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function two(n) { return (n < 10 ? '0' : '') + n; }

  /* ---- clocks ---- */
  function leftText(s) {
    var late = -s, days, rest;
    if (s >= 86400) { return '余 ' + Math.floor(s / 86400) + '天'; }
    if (s >= 0) { return '余 ' + hms(s); }
    if (late < 86400) { return '超 ' + hms(late); }
    days = Math.floor(late / 86400);
    rest = late % 86400;
    return '超 ' + days + '天 ' + two(Math.floor(rest / 3600)) + ':' + two(Math.floor(rest % 3600 / 60));
  }

  function hms(s) {
    return Math.floor(s / 3600) + ':' + two(Math.floor(s % 3600 / 60)) + ':' + two(s % 60);
  }

  var born = new Date().getTime();

  function tick() {
    var gone = Math.floor((new Date().getTime() - born) / 1000);
    all('[data-left]').forEach(function (el) {
      var start = parseInt(el.getAttribute('data-left'), 10), left = start - gone, text = leftText(left);
      if (el.textContent !== text) { el.textContent = text; }
      if (start >= 0 && left < 0 && / (ok|soon)$/.test(el.parentNode.className)) { el.parentNode.className = 'left over1'; }
    });
    all('.age[data-born]').forEach(function (el) {
      var words = gone < 60 ? gone + ' 秒前' : gone < 3600 ? Math.floor(gone / 60) + ' 分钟前' : Math.floor(gone / 3600) + ' 小时前';
      el.querySelector('b').textContent = words;
      el.className = 'age' + (gone >= 60 ? ' red' : gone >= 15 ? ' amber' : '');
    });
  }

  /* ---- drafts ---- */
  function store(area) {
    try { return window[area]; } catch (refused) { return null; }
  }
  var drafts = store('localStorage'), session = store('sessionStorage');

  function read(key) {
    try {
      var found = JSON.parse(drafts.getItem(key));
      return found && new Date().getTime() - found.at < KEEP_MS ? found : null;
    } catch (broken) { return null; }
  }

  function drop(key) { try { drafts.removeItem(key); } catch (refused) { /* nothing kept */ } }

  /* a shared phone keeps nothing of the person who signs out */
  function forget() {
    try {
      Object.keys(drafts).forEach(function (key) { if (key.indexOf('seat-draft:') === 0) { drop(key); } });
    } catch (refused) { /* nothing kept */ }
  }

  function keyOf(form) { return 'seat-draft:' + form.getAttribute('data-draft'); }

  function fieldsOf(form) {
    return all('input,textarea,select', form).filter(function (el) {
      return el.name && el.type !== 'file' && el.name !== 'form_token' && el.name !== 'kept';
    });
  }

  function save(form, sent) {
    var values = {}, old = read(keyOf(form));
    fieldsOf(form).forEach(function (el) {
      if (el.type === 'radio' || el.type === 'checkbox') {
        if (el.checked) { values[el.name] = el.value; } else if (!(el.name in values)) { values[el.name] = ''; }
      } else { values[el.name] = el.value; }
    });
    try {
      drafts.setItem(keyOf(form), JSON.stringify({
        at: new Date().getTime(), sent: sent || Boolean(old && old.sent && old.values.command_id === values.command_id), values: values
      }));
      return true;
    } catch (full) { return false; }
  }

  function restore(form) {
    var draft = read(keyOf(form));
    if (!draft) { return; }
    fieldsOf(form).forEach(function (el) {
      if (!(el.name in draft.values) || (!draft.sent && IDS.indexOf(el.name) >= 0)) { return; }
      if (el.type === 'radio' || el.type === 'checkbox') { el.checked = el.value === draft.values[el.name]; } else { el.value = draft.values[el.name]; }
    });
    if (draft.sent) {
      say('上次提交没有收到答复', '填写的内容已恢复（照片要重新选）。再提交一次会用同一编号，不会重复办理。', form);
    } else {
      say('已恢复上次没有提交的内容', '照片要重新选。', form);
    }
  }

  function say(title, text, form) {
    var box = document.getElementById('unsent'), clear;
    if (!box) { return; }
    box.querySelector('strong').textContent = title;
    box.querySelector('p').textContent = text;
    all('button', box).forEach(function (old) { old.parentNode.removeChild(old); });
    if (form) {
      clear = document.createElement('button');
      clear.type = 'button';
      clear.className = 'small';
      clear.textContent = '清空重填';
      clear.onclick = function () { drop(keyOf(form)); window.location.reload(); };
      box.querySelector('div').appendChild(clear);
    }
    box.hidden = false;
  }

  /* ---- sending ---- */
  function busy(form, on, words) {
    var button = form.querySelector('button[type=submit]'), going = document.getElementById('going');
    form.going = on;
    button.disabled = on;
    if (going) { going.textContent = on ? words || '正在提交…' : ''; }
  }

  function tooLarge(form) {
    return all('input[type=file]', form).some(function (el) {
      return Array.prototype.some.call(el.files || [], function (file) { return file.size > FILE_BYTES; });
    });
  }

  function onSubmit(event) {
    var form = event.target;
    if (form.going) { event.preventDefault(); return; }
    if (tooLarge(form)) {
      event.preventDefault();
      say('照片超过 20 MiB', '请移除太大的照片，或调低相机的照片大小后重拍。');
      window.scrollTo(0, 0);
      return;
    }
    form.kept = save(form, true);
    try { session.setItem('seat-sending', keyOf(form)); } catch (refused) { /* the draft stays a while longer */ }
    if (!window.FormData || !window.DOMParser || !('responseURL' in new XMLHttpRequest())) {
      form.going = true;
      return;
    }
    event.preventDefault();
    send(form);
  }

  function send(form) {
    var request = new XMLHttpRequest(), data = new FormData(form), verb = form.querySelector('button[type=submit]').textContent.trim();
    busy(form, true);
    request.open('POST', form.getAttribute('action'));
    request.timeout = 300000;
    request.upload.onprogress = function (event) {
      if (event.lengthComputable && event.total > 200000 && event.loaded < event.total) {
        busy(form, true, '正在上传照片 ' + Math.floor(100 * event.loaded / event.total) + '%');
      }
    };
    request.onerror = request.ontimeout = function () {
      unsent(form, '没有送出：网络不通或中心没有答复', '网络恢复后再点一次“' + verb + '”，会用同一编号，不会重复办理。');
    };
    request.onload = function () { answered(form, request, verb); };
    request.send(data);
  }

  function unsent(form, title, advice) {
    busy(form, false);
    say(title, (form.kept ? '填写的内容已存在这台设备上。' : '填写的内容还在这一页，请不要关闭。') + advice);
    window.scrollTo(0, 0);
  }

  function answered(form, request, verb) {
    var url = request.responseURL, status = request.status, page;
    if (status === 200 && /\/answers\/[0-9a-f-]{36}(\?|$)/.test(url)) {
      drop(keyOf(form));
      window.location.href = url;
      return;
    }
    if (status === 401) {
      unsent(form, '登录已失效', '请在新页面登录，再回到这里点“' + verb + '”。');
      link(document.getElementById('unsent'));
      return;
    }
    if (status >= 500 || status === 0) {
      unsent(form, '中心暂时不能办理', '请稍后再点一次“' + verb + '”，会用同一编号，不会重复办理。');
      return;
    }
    page = new DOMParser().parseFromString(request.responseText, 'text/html');
    if (!page.getElementById('main')) { window.location.href = url; return; }
    document.title = page.title;
    main.innerHTML = page.getElementById('main').innerHTML;
    born = new Date().getTime();
    start(main);
    window.scrollTo(0, 0);
  }

  function link(box) {
    var there = document.createElement('a');
    there.href = window.location.pathname.split('/').slice(0, 2).join('/') + '/sign-in';
    there.target = '_blank';
    there.rel = 'noopener';
    there.textContent = '登录';
    box.querySelector('p').appendChild(there);
  }

  /* ---- photos ---- */
  function previews(field) {
    var box = field.querySelector('.previews');
    if (!box || !window.URL || !URL.createObjectURL) { return; }
    box.innerHTML = '';
    all('input[type=file]', field).forEach(function (input) {
      var files = Array.prototype.slice.call(input.files || []);
      files.forEach(function (file, i) {
        var item = document.createElement('span'), picture = document.createElement('img'), away;
        picture.src = URL.createObjectURL(file);
        picture.alt = file.name;
        picture.onload = picture.onerror = function () { URL.revokeObjectURL(picture.src); };
        item.appendChild(picture);
        item.appendChild(document.createTextNode(file.size < 1048576 ? Math.max(1, Math.floor(file.size / 1024)) + ' KB' : (file.size / 1048576).toFixed(1) + ' MB'));
        if (i === files.length - 1) {
          away = document.createElement('button');
          away.type = 'button';
          away.textContent = files.length > 1 ? '移除这 ' + files.length + ' 张' : '移除';
          away.onclick = function () { input.value = ''; previews(field); };
          item.appendChild(away);
        }
        box.appendChild(item);
      });
    });
  }

  function onFile(event) {
    var input = event.target, field = input, label = input.parentNode, next;
    while (field && !/(^| )field( |$)/.test(field.className)) { field = field.parentNode; }
    if (!field || !input.files || !input.files.length) { return; }
    if (input.name === 'photos') {
      /* the chosen ones stay in their own, hidden input; a fresh one takes the next shot */
      next = label.cloneNode(true);
      next.querySelector('input').value = '';
      next.querySelector('input').onchange = onFile;
      label.parentNode.insertBefore(next, label);
      label.hidden = true;
      label.parentNode.appendChild(label);
    }
    previews(field);
  }

  /* ---- position ---- */
  function metres(a, b) {
    var north = Math.PI / 180 * 6371008.8, east = north * Math.cos((a[1] + b[1]) / 2 * Math.PI / 180);
    return Math.sqrt(Math.pow((a[0] - b[0]) * east, 2) + Math.pow((a[1] - b[1]) * north, 2));
  }

  function located(field, accuracy) {
    var value = function (name) { var el = field.querySelector('[name=' + name + ']'); return el ? parseFloat(el.value) : NaN; };
    var said = accuracy ? '已定位，精度约 ' + accuracy + ' 米。' : '', far;
    if (value('case_lon') === value('case_lon') && value('lon') === value('lon') && value('lat') === value('lat') && field.querySelector('[name=crs]').value === 'wgs84') {
      far = metres([value('lon'), value('lat')], [value('case_lon'), value('case_lat')]);
      said += '距案件位置 ' + (far < 999.5 ? Math.round(far) + ' 米' : (far / 1000).toFixed(1) + ' 公里') + '。';
    }
    field.querySelector('.located').textContent = said;
  }

  function locate(field, button) {
    var out = field.querySelector('.located');
    if (window.isSecureContext === false) {
      out.textContent = '浏览器只在加密连接（https）下提供定位，请填写经纬度。';
      return;
    }
    button.disabled = true;
    out.textContent = '正在定位…';
    navigator.geolocation.getCurrentPosition(function (found) {
      button.disabled = false;
      field.querySelector('[name=lon]').value = found.coords.longitude.toFixed(6);
      field.querySelector('[name=lat]').value = found.coords.latitude.toFixed(6);
      field.querySelector('[name=accuracy]').value = Math.round(found.coords.accuracy);
      field.querySelector('[name=crs]').value = 'wgs84';
      located(field, Math.round(found.coords.accuracy));
    }, function (error) {
      button.disabled = false;
      out.textContent = error.code === 1 ? '没有定位权限，请在浏览器里允许，或填写经纬度。' : '没有取到位置，请到开阔处再试，或填写经纬度。';
    }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 });
  }

  /* ---- begin ---- */
  function start(root) {
    all('form[data-draft]', root).forEach(function (form) {
      form.onsubmit = onSubmit;
      form.oninput = function () { save(form, false); };
      if (form.getAttribute('data-answered')) { save(form, false); } else { restore(form); }
    });
    all('form[data-once]', root).forEach(function (form) {
      form.onsubmit = function (event) {
        if (form.going) { event.preventDefault(); }
        form.going = true;
      };
    });
    all('form.out', root).forEach(function (form) { form.onsubmit = forget; });
    all('input[type=file]', root).forEach(function (input) { input.onchange = onFile; });
    all('.locate', root).forEach(function (button) {
      var field = button.parentNode;
      if (!navigator.geolocation) { return; }
      button.hidden = false;
      button.onclick = function () { locate(field, button); };
      ['lon', 'lat', 'crs'].forEach(function (name) {
        field.querySelector('[name=' + name + ']').onchange = function () {
          field.querySelector('[name=accuracy]').value = '';
          located(field, 0);
        };
      });
      located(field, 0);
    });
    tick();
  }

  if (document.querySelector('#answer[data-outcome=applied]')) {
    try { drop(session.getItem('seat-sending')); session.removeItem('seat-sending'); } catch (refused) { /* no storage */ }
  }
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { all('form').forEach(function (form) { form.going = false; all('button', form).forEach(function (b) { b.disabled = false; }); }); }
  });
  document.addEventListener('visibilitychange', function () {
    if (!document.hidden && document.querySelector('.age[data-born]') && new Date().getTime() - born > 60000) { window.location.reload(); }
  });
  start(document);
  window.setInterval(tick, 1000);
}());
