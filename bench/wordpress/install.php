<?php // A site in Vietnamese, five posts a page, addresses by month and name.
define('WP_INSTALLING', true);
require getenv('SITE') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Cổng thông tin huyện Mẫu', 'quantri', 'quantri@huyen-mau.example', true, '', wp_generate_password(), 'vi');
foreach (['permalink_structure' => '/%year%/%monthnum%/%postname%/', 'posts_per_page' => 5, 'timezone_string' => 'Asia/Ho_Chi_Minh',
          'template' => 'twentytwentythree', 'stylesheet' => 'twentytwentythree'] as $name => $value) update_option($name, $value);
